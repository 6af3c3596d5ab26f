// What both ways of placing an order have in common: the decision of all parts, and which of the tickets in the way stand.
import type { Refusal, Result } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import { loadOrder } from '../orders/load-order.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, Position, StreamAppend } from '../ports/event-store.ts';
import type { Loaded } from '../streams/load.ts';
import { NotUnderstood } from '../streams/understood.ts';
import type { FoldedStreams } from './folded-streams.ts';
import type { Limits } from './limits.ts';
import { type Attempt, type Blocker, type Part, type PartRefusal, ticketName } from './parts.ts';
import { requestMarkOf } from './request-mark.ts';
import { ticketStands } from './ticket-stands.ts';

export type LimitRefusal = Exclude<PartRefusal, 'ORDER_DIFFERS'>;
export type PlacingRefusal = LimitRefusal | 'IDEMPOTENCY_KEY_REUSED' | 'CONTENDED';
export type Placed = Result<{ readonly position: Position }, PlacingRefusal> | 'taken';

export type Placing = {
  readonly store: EventStore;
  readonly streams: FoldedStreams;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'unclaimedMinutes'>;
  readonly parts: readonly Part[];
  readonly order: StreamAppend;
  readonly orderNo: string;
  /** All tickets that are asked for. */
  readonly itemNos: readonly number[];
  readonly requestHash: string;
  readonly name: string;
  readonly meta: EventMeta;
};

/**
 * Fifty requests at once for one user or document: in each round one of them is written, until the limit is reached and
 * all others are refused.
 */
export const MAX_ROUNDS = 64;

/** What has been read of the streams of the parts, by name. A stream that was not read is taken for a new one. */
export type Known = Map<string, Loaded<unknown>>;

const MINUTE_MS = 60_000;

/** An append for each part, or the refusal of the first that refuses although nothing in its way is void. */
export const decideParts = async (
  placing: Placing,
  parts: readonly Part[],
  known: Known,
): Promise<Result<readonly StreamAppend[], PlacingRefusal>> => {
  const { name, meta } = placing;
  const appends: StreamAppend[] = [];
  for (const part of parts) {
    const folded = known.get(part.stream);
    let attempt = part.reserve(folded, NOTHING, name, meta);
    if (!attempt.ok) {
      const voids = await voidsAmong(placing, attempt.blockers);
      if (voids.size > 0) attempt = part.reserve(folded, voids, name, meta);
    }
    if (!attempt.ok) return { ok: false, refusal: publicRefusal(attempt) };
    appends.push(attempt.append);
  }
  return { ok: true, value: appends };
};

const NOTHING: ReadonlySet<string> = new Set();

const publicRefusal = ({ refusal }: Attempt & { readonly ok: false }): Refusal<PlacingRefusal> => {
  const { code, detail, extra } = refusal;
  if (code === 'ORDER_DIFFERS')
    return { code: 'IDEMPOTENCY_KEY_REUSED', detail: 'this idempotency key belongs to another request' };
  return { code, detail, ...(extra === undefined ? {} : { extra }) };
};

/** The tickets in the way that nobody may travel with: their order has ended, gave them back, or never came. */
const voidsAmong = async (
  { store, clock, limits }: Placing,
  blockers: readonly Blocker[],
): Promise<ReadonlySet<string>> => {
  const voids = new Set<string>();
  for (const { orderNo, requestMark, itemNos, since } of blockers) {
    try {
      const { order } = await loadOrder(store, orderNo);
      const mayStillCome =
        order.status === 'ABSENT' && clock.now() - Date.parse(since) <= limits.unclaimedMinutes * MINUTE_MS;
      if (mayStillCome) continue;
      // Of another request under its number: that one is the order now.
      const isAnother = order.status !== 'ABSENT' && requestMarkOf(order.requestHash) !== requestMark;
      for (const itemNo of itemNos)
        if (isAnother || !ticketStands(order, itemNo)) voids.add(ticketName(orderNo, itemNo));
    } catch (error) {
      // What a newer version wrote about the order may mean that its tickets stand.
      if (!(error instanceof NotUnderstood)) throw error;
    }
  }
  return voids;
};

export const readParts = async ({ streams }: Placing, parts: readonly Part[], known: Known): Promise<void> => {
  await Promise.all(parts.map(async (part) => known.set(part.stream, await streams.read(part))));
};

export const orderExists = async ({ store, order }: Placing): Promise<boolean> =>
  (await store.readStream(order.stream, { limit: 1 })).length > 0;

export const contended = ({ orderNo }: Placing): Placed => ({
  ok: false,
  refusal: { code: 'CONTENDED', detail: `others keep ordering for the same people; order ${orderNo} was not placed` },
});
