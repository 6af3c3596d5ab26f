// Feeds an index of documents from the log, whatever store it stands in.
import { bearsOut, type EventBatch, type Position, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { strangenessIn } from '@railhead/commands/streams/understood.ts';
import type { AnyCategory } from '@railhead/domain/kernel/category.ts';
import { LRUCache } from 'lru-cache';
import type { DocumentIndex, RewritableIndex } from './document-index.ts';
import { type Place, PlaceMoved } from './model-place.ts';
import type { PositionProof, Projection } from './projection.ts';
import { type Stranger, sortedBy } from './sorted-batch.ts';
import { Turns } from './turns.ts';

/** How events become documents. */
export type DocumentModel<Document> = {
  readonly name: string;
  readonly categories: readonly AnyCategory[];
  /** The documents that an event changes, or may change. */
  idsOf(event: RecordedEvent): readonly string[];
  /** Undefined: there is none yet. The same document: nothing changes, as by an event that is in it already. */
  after(document: Document | undefined, event: RecordedEvent, id: string): Document | undefined;
};

/** So many positions may go by without events of this model before it saves where it is: they are only skipped again. */
const SKIPPED_UNSAVED = 10_000;
/** Under load, the events of so many milliseconds are put together: most of an order's come at once. */
const PACE = { leastMs: 100, mostMs: 500 };
/** Documents that need not be read before they are changed. What changes often does so within a short time. */
const MAX_KNOWN = 5_000;

/** Writes documents anew, fenced like a batch. */
export type RewritingDocuments<Document> = {
  /** Does this process feed the model, as far as it knows? */
  readonly isFedHere: boolean;
  /**
   * Writes these documents as `decide` says at the position of the model; one of which it says nothing goes. False: another
   * process feeds the model, and nothing was written.
   */
  rewrite(
    ids: readonly string[],
    decide: (position: Position) => Promise<ReadonlyMap<string, Document>>,
  ): Promise<boolean>;
};

export const documentProjection = <Document extends object>(
  index: DocumentIndex<Document> & Partial<Pick<RewritableIndex<Document>, 'rewrite'>>,
  { name, categories, idsOf, after }: DocumentModel<Document>,
): Projection & { readonly rewriting: RewritingDocuments<Document> } => {
  const strangenessOf = strangenessIn(categories);
  const setAside = new Map<string, string>();
  const known = new LRUCache<string, Document>({ max: MAX_KNOWN });
  let log: PositionProof | undefined;
  let reached: Position = 0;
  let saved: Position = 0;
  let isLoaded = false;
  /** One batch, rewriting, or beat of the owner is written after the other. */
  const turns = new Turns();
  const placeAt = async (position: Position): Promise<Place> => ({
    position,
    fingerprint: (await log?.fingerprintAt(position)) ?? '',
  });
  const beat = async (): Promise<boolean> => {
    // A batch that is being written shows as well that the owner lives.
    if (turns.isTaken) return true;
    return turns.take(async () => {
      const position = reached;
      const isOwner = await index.beat(await placeAt(position));
      if (isOwner) saved = position;
      return isOwner;
    });
  };
  const lease = index.leaseWith?.(beat);
  const clear = async (): Promise<void> => {
    await index.clear();
    known.clear();
    setAside.clear();
    [reached, saved] = [0, 0];
  };
  const rewriting: RewritingDocuments<Document> = {
    get isFedHere() {
      return lease?.isOwner ?? true;
    },
    rewrite: (ids, decide) =>
      turns.take(async () => {
        if (index.rewrite === undefined || !isLoaded || lease?.isOwner === false) return false;
        const position = reached;
        const documents = await decide(position);
        const gone = ids.filter((id) => !documents.has(id));
        for (const id of ids) known.delete(id);
        try {
          await index.rewrite([...documents.values()], gone, await placeAt(position));
        } catch (error) {
          if (error instanceof PlaceMoved) return false;
          throw error;
        }
        saved = position;
        return true;
      }),
  };
  const describe = (stranger: Stranger): string => strangenessOf(stranger) ?? '';
  return {
    rewriting,
    name,
    categories: categories.map((category) => category.name),
    setAside,
    pace: PACE,
    // Nobody needs to find documents to buy a ticket. Embedded, the model shares the thread with the sale.
    isOptional: true,
    ...(lease === undefined ? { givesWay: true } : { lease }),
    isPassing: (error) => index.isPassing(error),
    load: (proof) => {
      log = proof;
      return turns.take(async () => {
        const stored = await index.place();
        known.clear();
        setAside.clear();
        // What was strange to an older version and is not to this one belongs into the documents, at its place.
        const isWhole = stored.setAside.every((event) => strangenessOf(event) !== undefined);
        if (isWhole && (await bearsOut(proof, stored))) {
          for (const stranger of stored.setAside) setAside.set(stranger.stream, describe(stranger));
          reached = stored.position;
        } else {
          await clear();
          proof.dropped(stored.position);
        }
        saved = reached;
        isLoaded = true;
        return reached;
      });
    },
    drop: () => turns.take(clear),
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
      await turns.take(async () => {
        const unread = [...new Set(events.flatMap(idsOf))].filter((id) => !known.has(id));
        const before = unread.length === 0 ? new Map<string, Document>() : await index.documents(unread);
        const changed = new Map<string, Document>();
        for (const event of events)
          for (const id of idsOf(event)) {
            const document = changed.get(id) ?? known.get(id) ?? before.get(id);
            const next = after(document, event, id);
            if (next !== undefined && next !== document) changed.set(id, next);
          }
        await index.put([...changed.values()], await placeAt(position), strangers);
        for (const [id, document] of changed) known.set(id, document);
        for (const [id, document] of before) if (!changed.has(id)) known.set(id, document);
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
