// What travellers are shown is what is there: for every journey of every class, on every node.
import type { SeatClass } from '@railhead/domain/train-run/composition.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';
import { type ClassTruth, freeSeats } from './truth.ts';

export const checkDisplayedStock = ({ nodes, truth }: World): void => {
  for (const { name, parts } of nodes) {
    if (parts === undefined) continue;
    for (const one of truth.classes.values()) {
      const { train, date, seatClass, seats, taken, key } = one;
      const onSale = one.closed === '' && !truth.isCancelled(train, date);
      for (let from = 0; from < taken.length; from += 1)
        for (let to = from + 1; to <= taken.length; to += 1) {
          const shown = parts.availability.count(train, date, seatClass as SeatClass, seats, from, to);
          const free = freeSeats(one, from, to);
          const available = onSale ? free : 0;
          const sold = seatsOf(one, 'confirmed', from, to);
          const held = seats - free - sold - seatsOf(one, 'withdrawn', from, to);
          if (shown.available !== available || shown.sold !== sold || shown.held !== held)
            throw new Violation(
              'DISPLAYED_STOCK',
              `${name} shows ${JSON.stringify(shown)} of ${key} from ${from} to ${to}; available ${available}, held ${held}, sold ${sold} of ${seats}`,
            );
        }
    }
  }
};

/** Seats that a lock of this kind takes somewhere on the way: a ticket, or an operator. */
const seatsOf = ({ taken, seats, locks }: ClassTruth, status: string, from: number, to: number): number => {
  let count = 0;
  for (let seat = 0; seat < seats; seat += 1)
    if (taken.slice(from, to).some((segment) => locks.get(segment[seat] ?? '')?.status === status)) count += 1;
  return count;
};
