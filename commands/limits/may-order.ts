// May a user order today, or have too many of their orders ended unpaid?
import type { Buyer } from '@railhead/domain/buyer/fold.ts';
import { buyerCategory } from '@railhead/domain/buyer/stream.ts';
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { type Clock, timestampOf } from '../ports/clock.ts';
import { expectedAfter } from '../streams/append.ts';
import { foldStream, type Loaded } from '../streams/load.ts';
import type { FoldedStream, FoldedStreams } from './folded-streams.ts';
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

export const mayOrder = async (
  streams: FoldedStreams,
  asked: Asked,
): Promise<Result<undefined, 'CANCELLED_TOO_OFTEN'>> => decide(buyerOf(await streams.read(todayOf(asked))), asked);

/** The same as a part of an atomic call: it writes nothing, and demands that the stream is as it was decided on. */
export const mayOrderPart = (asked: Asked): Part => {
  const { stream, fold } = todayOf(asked);
  return {
    stream,
    fold,
    reserve: (folded = fold([])) => {
      const decided = decide(buyerOf(folded), asked);
      return decided.ok
        ? { ok: true, append: { stream, expected: expectedAfter(folded.revision), events: [] } }
        : { ok: false, refusal: decided.refusal, blockers: [] };
    },
    release: () => undefined,
    standsSince: () => false,
  };
};

const todayOf = (asked: Asked): FoldedStream => ({
  stream: buyerCategory.stream(idOf(asked)),
  fold: (events, before) =>
    foldStream(buyerCategory, events, before === undefined ? undefined : { ...before, state: buyerOf(before) }),
});

const buyerOf = ({ state }: Loaded<unknown>): Buyer => state as Buyer; // safe cast: streams of buyers are folded to nothing else
