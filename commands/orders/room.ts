// Is there room for one more order: in the queue of its run, and among the unpaid seats of its buyer?
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { UnpaidLimit } from './unpaid-seats.ts';

export type RoomDeps = {
  /** Orders of a run that may wait for the order process; more are refused. */
  readonly queueLimit: number;
  readonly queueDepth: (run: { readonly train: string; readonly date: string }) => number;
  /** Seats that a user may have waiting for their payment; an order for more is refused. */
  readonly unpaid: UnpaidLimit;
};

type NewOrder = {
  readonly orderNo: string;
  readonly userId: string;
  readonly train: string;
  readonly date: string;
  readonly passengers: readonly unknown[];
};

/** Counts its seats as unpaid, until the order process has read it or `unpaid.counted.giveBack` is called. */
export const takeRoom = (
  { queueDepth, queueLimit, unpaid: { counted, limitOf } }: RoomDeps,
  { orderNo, userId, train, date, passengers }: NewOrder,
): Result<undefined, 'QUEUE_FULL' | 'TOO_MANY_UNPAID'> => {
  if (queueDepth({ train, date }) >= queueLimit)
    return refuse('QUEUE_FULL', `too many requests wait for ${train} on ${date}; try again shortly`);
  const limit = limitOf(userId);
  if (counted.reserve(orderNo, userId, passengers.length, limit)) return accept(undefined);
  const unpaidSeats = counted.of(userId);
  const detail = `${unpaidSeats} of your seats wait for their payment; ${limit} may; pay or cancel some`;
  return refuse('TOO_MANY_UNPAID', detail, { unpaidSeats, limit });
};
