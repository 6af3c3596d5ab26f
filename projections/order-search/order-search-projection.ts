// Feeds an index of orders from the log, whatever store it stands in.
import { bearsOut, type EventBatch, type Position } from '@railhead/commands/ports/event-store.ts';
import { strangenessIn } from '@railhead/commands/streams/understood.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { LRUCache } from 'lru-cache';
import type { Place } from '../engine/model-place.ts';
import type { PositionProof, Projection } from '../engine/projection.ts';
import { type Stranger, sortedBy } from '../engine/sorted-batch.ts';
import { orderNoOf } from '../orders/view-after.ts';
import { documentAfter, type OrderDocument } from './order-document.ts';
import type { OrderIndex } from './order-index.ts';

export const ORDER_SEARCH = 'orderSearch';
const CATEGORIES = [orderCategory, paymentCategory];

/** So many positions may go by without events of this model before it saves where it is: they are only skipped again. */
const SKIPPED_UNSAVED = 10_000;
/** Under load, the events of so many milliseconds are put together: most of an order's come at once. */
const PACE = { leastMs: 100, mostMs: 500 };
/** Documents that need not be read before they are changed. An order has its events within a short time. */
const MAX_KNOWN = 5_000;

export const orderSearchProjection = (index: OrderIndex): Projection => {
  const strangenessOf = strangenessIn(CATEGORIES);
  const setAside = new Map<string, string>();
  const known = new LRUCache<string, OrderDocument>({ max: MAX_KNOWN });
  let log: PositionProof | undefined;
  let reached: Position = 0;
  let saved: Position = 0;
  /** One batch, or beat of the owner, is written after the other. */
  let writing: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const alone = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    waiting += 1;
    const done = writing.then(work);
    writing = done.catch(() => {});
    try {
      return await done;
    } finally {
      waiting -= 1;
    }
  };
  const placeAt = async (position: Position): Promise<Place> => ({
    position,
    fingerprint: (await log?.fingerprintAt(position)) ?? '',
  });
  const beat = async (): Promise<boolean> => {
    // A batch that is being written shows as well that the owner lives.
    if (waiting > 0) return true;
    return alone(async () => {
      const position = reached;
      const isOwner = await index.beat(await placeAt(position));
      if (isOwner) saved = position;
      return isOwner;
    });
  };
  const lease = index.leaseWith?.(beat);
  const describe = (stranger: Stranger): string => strangenessOf(stranger) ?? '';
  return {
    name: ORDER_SEARCH,
    categories: CATEGORIES.map(({ name }) => name),
    setAside,
    pace: PACE,
    // What stands on a server of its own keeps nobody from buying tickets while that is away.
    // Embedded, it shares the thread with the sale.
    ...(lease === undefined ? { givesWay: true } : { lease, isOptional: true }),
    isPassing: (error) => index.isPassing(error),
    load: (proof) => {
      log = proof;
      return alone(async () => {
        const stored = await index.place();
        known.clear();
        setAside.clear();
        // What was strange to an older version and is not to this one belongs into the documents, at its place.
        const isWhole = stored.setAside.every((event) => strangenessOf(event) !== undefined);
        if (isWhole && (await bearsOut(proof, stored))) {
          for (const stranger of stored.setAside) setAside.set(stranger.stream, describe(stranger));
          reached = stored.position;
        } else {
          await index.clear();
          proof.dropped(stored.position);
          reached = 0;
        }
        saved = reached;
        return reached;
      });
    },
    apply: async ({ events: all, position }: EventBatch) => {
      if (position <= reached) return;
      const { events, strangers } = sortedBy(all, (event) => {
        if (event.position <= reached || setAside.has(event.stream)) return 'skipped';
        return strangenessOf(event) === undefined ? 'understood' : 'strange';
      });
      if (events.length === 0 && strangers.length === 0 && position - saved < SKIPPED_UNSAVED) {
        reached = position;
        return;
      }
      await alone(async () => {
        const orderNos = [...new Set(events.map(orderNoOf))];
        const unread = orderNos.filter((orderNo) => !known.has(orderNo));
        const before = unread.length === 0 ? new Map<string, OrderDocument>() : await index.documents(unread);
        const changed = new Map<string, OrderDocument>();
        for (const event of events) {
          const orderNo = orderNoOf(event);
          const document = changed.get(orderNo) ?? known.get(orderNo) ?? before.get(orderNo);
          const after = documentAfter(document, event);
          if (after !== undefined && after !== document) changed.set(orderNo, after);
        }
        await index.put([...changed.values()], await placeAt(position), strangers);
        for (const [orderNo, document] of changed) known.set(orderNo, document);
        reached = position;
        saved = position;
        for (const stranger of strangers) {
          setAside.set(stranger.stream, describe(stranger));
          log?.setAside(stranger.stream, describe(stranger));
        }
      });
    },
  };
};
