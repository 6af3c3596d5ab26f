// May a user order today, or have too many of their orders ended unpaid?
import type { Buyer } from '@railhead/domain/buyer/fold.ts';
import { buyerCategory } from '@railhead/domain/buyer/stream.ts';
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { type Clock, timestampOf } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import { expectedAfter } from '../streams/append.ts';
import { foldStream, load } from '../streams/load.ts';
import { nextDayMs } from './next-day.ts';
import type { Part } from './parts.ts';

type Asked = {
  readonly clock: Clock;
  /** Stands for the user. */
  readonly key: string;
  readonly limit: number;
};

const idOf = ({ clock, key }: Asked) => ({ key, date: clock.zone.date(clock.now()) });

const decide = ({ endedUnpaid }: Buyer, { clock, limit }: Asked): Result<undefined, 'CANCELLED_TOO_OFTEN'> => {
  const orders = endedUnpaid.length;
  if (orders < limit) return accept(undefined);
  const from = timestampOf(clock, nextDayMs(clock));
  const detail = `${orders} orders of today ended unpaid; you can order again from ${from}`;
  return refuse('CANCELLED_TOO_OFTEN', detail, { from, orders, limit });
};

export const mayOrder = async (store: EventStore, asked: Asked): Promise<Result<undefined, 'CANCELLED_TOO_OFTEN'>> =>
  decide((await load(store, buyerCategory, idOf(asked))).state, asked);

/** The same as a part of an atomic call: it writes nothing, and demands that the stream is as it was decided on. */
export const mayOrderPart = (asked: Asked): Part => {
  const stream = buyerCategory.stream(idOf(asked));
  return {
    stream,
    reserve: (events) => {
      const { state, revision } = foldStream(buyerCategory, events);
      const decided = decide(state, asked);
      return decided.ok
        ? { ok: true, append: { stream, expected: expectedAfter(revision), events: [] } }
        : { ok: false, refusal: decided.refusal, blockers: [] };
    },
    release: () => undefined,
    standsSince: () => false,
  };
};
