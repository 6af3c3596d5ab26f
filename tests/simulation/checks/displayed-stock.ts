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
      for (let from = 0; from < taken.length; from += 1)
        for (let to = from + 1; to <= taken.length; to += 1) {
          const shown = parts.availability.count(train, date, seatClass as SeatClass, seats, from, to);
          const available = freeSeats(one, from, to);
          const sold = soldSeats(one, from, to);
          if (shown.available !== available || shown.sold !== sold || shown.held !== seats - available - sold)
            throw new Violation(
              'DISPLAYED_STOCK',
              `${name} shows ${JSON.stringify(shown)} of ${key} from ${from} to ${to}; free ${available}, sold ${sold} of ${seats}`,
            );
        }
    }
  }
};

/** Seats that a ticket takes somewhere on the way. */
const soldSeats = ({ taken, seats, locks }: ClassTruth, from: number, to: number): number => {
  let sold = 0;
  for (let seat = 0; seat < seats; seat += 1)
    if (taken.slice(from, to).some((segment) => locks.get(segment[seat] ?? '')?.status === 'confirmed')) sold += 1;
  return sold;
};
