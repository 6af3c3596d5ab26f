// The stock on display is the true stock: for every journey of every class, on every node. So is the stock that a node
// would show after a restart, from what it keeps and the rest of the log.

import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { AVAILABILITY, AvailabilityModel } from '@railhead/projections/availability/availability-model.ts';
import type { AvailabilityQueries } from '@railhead/projections/availability/shown-stock.ts';
import { generationName } from '@railhead/projections/engine/generation.ts';
import { anyLog } from '../../support/read-side.ts';
import { openReadSide, type ReadDisk } from '../ports/sim-sql.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';
import { type ClassTruth, freeSeats } from './class-truth.ts';

export const checkDisplayedStock = async (world: World): Promise<void> => {
  for (const { name, parts, readDisk } of world.nodes) {
    if (parts === undefined) continue;
    await check(world, name, parts.models.availability);
    const { serving } = parts.models.generations.of.availability.decided;
    await check(world, `${name}, after a restart,`, await restarted(world, readDisk, serving));
  }
};

/** Reads a copy of the disk, and keeps nothing. */
const restarted = async ({ log }: World, disk: ReadDisk, generation: number): Promise<AvailabilityModel> => {
  const copy = await disk.copied();
  const model = new AvailabilityModel(openReadSide(copy), generationName(AVAILABILITY, generation));
  const after = await model.load({ ...anyLog, fingerprintAt: (position) => log.store.fingerprintAt(position) });
  const limit = log.events.length + 1;
  await model.apply(await log.store.readAll({ after, limit, categories: model.categories }));
  copy.close();
  return model;
};

const check = async ({ truth }: World, name: string, model: AvailabilityQueries): Promise<void> => {
  for (const one of truth.classes.values()) {
    const { train, date, seatClass, seats, taken, key } = one;
    const [stock] = await model.stocks([{ train, date, seatClass: seatClass as SeatClass }]);
    const onSale = one.closed === '' && !truth.isCancelled(train, date);
    for (let from = 0; from < taken.length; from += 1)
      for (let to = from + 1; to <= taken.length; to += 1) {
        const shown = stock?.count(seats, from, to);
        const free = one.counted ? leastFree(one, from, to) : freeSeats(one, from, to);
        const available = onSale ? free : 0;
        const total = seats - seatsOf(one, 'withdrawn', from, to);
        const sold = Math.min(total - free, seatsOf(one, 'confirmed', from, to));
        const held = total - free - sold;
        if (shown?.available !== available || shown.sold !== sold || shown.held !== held)
          throw new Violation(
            'DISPLAYED_STOCK',
            `${name} shows ${JSON.stringify(shown)} of ${key} from ${from} to ${to}; available ${available}, held ${held}, sold ${sold} of ${seats}`,
          );
      }
  }
};

/** Places sold by count: the free ones of the fullest segment. */
const leastFree = (one: ClassTruth, from: number, to: number): number =>
  Math.min(...Array.from({ length: to - from }, (_, n) => freeSeats(one, from + n, from + n + 1)));

/** Seats that locks of this kind take: anywhere on the way, or, if sold by count, on the fullest segment. */
const seatsOf = (one: ClassTruth, status: string, from: number, to: number): number => {
  const { taken, seats, locks } = one;
  const has = (segment: readonly (string | undefined)[], seat: number): boolean =>
    locks.get(segment[seat] ?? '')?.status === status;
  const all = Array.from({ length: seats }, (_, seat) => seat);
  const way = taken.slice(from, to);
  return one.counted
    ? Math.max(...way.map((segment) => all.filter((seat) => has(segment, seat)).length))
    : all.filter((seat) => way.some((segment) => has(segment, seat))).length;
};
