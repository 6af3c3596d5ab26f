// Checks plans of locks, and names their seats as the train does.
import type { Leg, LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import { lockIdOf } from '@railhead/domain/seat-lock/stream.ts';
import type { Seat } from '@railhead/domain/train-run/composition.ts';

export const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);

/** Is it an id of a lock with this plan? Lock ids name the order and the epoch. */
export const isIdOf = (lockId: string, { orderNo, epoch }: LockPlan): boolean =>
  lockId.startsWith(lockIdOf(orderNo, epoch, 0).slice(0, -1));

/** Legs must follow each other, and each must name different seats of a class of `size`. Names the first defect. */
export const legsDefect = (legs: readonly Leg[], segments: number, size: number): string | undefined => {
  const party = legs[0]?.seats.length ?? 0;
  if (party === 0) return 'it has no seats';
  for (const [index, { from, to, seats }] of legs.entries()) {
    if (!(from >= 0 && from < to && to <= segments)) return `there is no way from ${from} to ${to}`;
    if (index > 0 && from !== legs[index - 1]?.to) return `a leg does not begin where the one before ends: ${from}`;
    if (seats.length !== party) return `legs have ${party} and ${seats.length} seats`;
    if (new Set(seats).size < party) return 'a leg has a seat twice';
    if (!seats.every((seat) => seat >= 0 && seat < size)) return `there is no such seat among ${seats.join()}`;
  }
  return undefined;
};

/** One passenger's seats on the way, the first and every change: `{stop} {coach}/{seat}`. */
export const seatNames = (
  legs: readonly Leg[],
  passenger: number,
  seats: readonly Seat[],
  codeOf: (stop: number) => string,
): readonly string[] => {
  const names: string[] = [];
  let before = '';
  for (const leg of legs) {
    const seat = seats[leg.seats[passenger] ?? -1];
    const name = `${seat?.coach}/${seat?.seat}`;
    if (name !== before) names.push(`${codeOf(leg.from)} ${name}`);
    before = name;
  }
  return names;
};
