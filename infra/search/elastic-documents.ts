// Documents of a model in Elasticsearch. A document counts by its version, which is the position of the last event in it;
// the place moves when all documents of its batch have been acknowledged.
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@elastic/elasticsearch';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type {
  Examined,
  ExaminedDocument,
  RewritableIndex,
  StoredPlace,
} from '@railhead/projections/engine/document-index.ts';
import { type Beat, type Lease, type LeaseRows, ModelLease, NOBODY } from '@railhead/projections/engine/model-lease.ts';
import { NOWHERE, type Place, PlaceMoved } from '@railhead/projections/engine/model-place.ts';
import { pagesOf } from '@railhead/projections/engine/pages.ts';
import type { Stranger } from '@railhead/projections/engine/sorted-batch.ts';
import { newOwner } from '../system/owner.ts';
import type { PlaceDocument } from './mappings.ts';
import { asking, BATCH_MS, clientAt, SearchAway, statusOf } from './search-server.ts';
import { type ReadPlace, type StoredModel, StoredPlaceOf, writtenAs } from './stored-place.ts';

/** Documents of one request: some two megabytes. */
const DOCUMENTS_AT_ONCE = 1_000;

export type SearchOptions = {
  readonly url: string;
  readonly prefix: string;
  readonly clock: Pick<Clock, 'after'>;
  readonly version?: number;
};

/** How the documents of a model are stored. */
export type DocumentKind<Document, Indexed> = StoredModel & {
  idOf(document: Document): string;
  versionOf(document: Document): Position;
  indexed(document: Document): Indexed;
  documentIn(indexed: Indexed): Document;
};

export class ElasticDocuments<Document, Indexed> implements RewritableIndex<Document> {
  readonly #kind: DocumentKind<Document, Indexed>;
  readonly #client: Client;
  readonly #stored: StoredPlaceOf;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #owner = newOwner();
  /** The place as this process has read it or left it last. */
  #at: ReadPlace | undefined;
  /** Searches must see everything up to here. */
  #shownFrom: Position = 0;
  /** Searches see everything up to here. */
  #visible: { readonly index: string; readonly position: Position } | undefined;

  constructor(kind: DocumentKind<Document, Indexed>, { url, prefix, clock, version = kind.version }: SearchOptions) {
    this.#kind = kind;
    this.#client = clientAt(url);
    this.#stored = new StoredPlaceOf(this.#client, prefix, { ...kind, version });
    this.#clock = clock;
  }

  leaseWith(beat: Beat): Lease {
    return new ModelLease(this.#leaseRows(), { owner: this.#owner, clock: this.#clock }, beat);
  }

  /** A place is moved from where it was read, which says more than its numbers. */
  #leaseRows(): LeaseRows {
    return {
      read: async () => {
        this.#at = await this.#stored.read();
        return this.#at;
      },
      take: ({ epoch }, owner) => this.#moves({ owner, epoch: epoch + 1 }),
      free: async (owner, epoch) => {
        if (this.#at?.owner === owner && this.#at.epoch === epoch) await this.#moves({ owner: NOBODY.owner });
      },
      isPassing: (error) => this.isPassing(error),
    };
  }

  /** Moves the place from where this process knows it. False: it is somewhere else by now. */
  async #moves(change: Partial<PlaceDocument>): Promise<boolean> {
    if (this.#at === undefined) return false;
    try {
      this.#at = await this.#stored.move(this.#at, change);
      return true;
    } catch (error) {
      if (error instanceof PlaceMoved) return false;
      throw error;
    }
  }

  isPassing(error: unknown): boolean {
    return error instanceof SearchAway || error instanceof PlaceMoved;
  }

  async place(): Promise<StoredPlace> {
    const at = this.#owned();
    if (await this.#stored.hasIndex(at.index)) {
      const { position, fingerprint, setAside } = at;
      return { position, fingerprint, setAside: setAside.streams };
    }
    await this.clear();
    return { ...NOWHERE, setAside: [] };
  }

  async clear(): Promise<void> {
    const at = this.#owned();
    const index = await this.#stored.newIndex();
    try {
      this.#at = await this.#stored.move(at, { ...NOWHERE, index, setAside: { streams: [] } });
    } catch (error) {
      await this.#stored.deleteIndex(index);
      throw error;
    }
    await this.#stored.deleteOthers(index);
  }

  async documents(ids: readonly string[]): Promise<ReadonlyMap<string, Document>> {
    const stored = await this.#storedIn(this.#owned().index, ids);
    return new Map([...stored].map(([id, { source }]) => [id, this.#kind.documentIn(source)]));
  }

  async #storedIn(
    index: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly source: Indexed; readonly version: number }>> {
    const stored = new Map<string, { readonly source: Indexed; readonly version: number }>();
    for (const page of pagesOf(ids, DOCUMENTS_AT_ONCE)) {
      const { docs } = await asking(() =>
        this.#client.mget<Indexed>({ index, ids: [...page] }, { requestTimeout: BATCH_MS }),
      );
      for (const found of docs) {
        if ('error' in found) throw new SearchAway(found.error.type ?? 'a document cannot be read');
        if (found._source !== undefined) stored.set(found._id, { source: found._source, version: found._version ?? 0 });
      }
    }
    return stored;
  }

  async examine(ids: readonly string[]): Promise<Examined<Document>> {
    // The place first: what is read after it has everything up to it.
    const { position, fingerprint, index } = this.#seen();
    const documents = new Map<string, ExaminedDocument<Document>>();
    for (const [id, { source }] of await this.#storedIn(index, ids)) {
      const document = this.#kind.documentIn(source);
      const whole = this.#indexedIfReadable(document);
      if (whole !== undefined) documents.set(id, { document, isWhole: isDeepStrictEqual(source, whole) });
    }
    return { place: { position, fingerprint }, documents };
  }

  /** Undefined: somebody has changed the document so that it is none of ours any more. */
  #indexedIfReadable(document: Document): Indexed | undefined {
    try {
      return this.#kind.indexed(document);
    } catch {
      return undefined;
    }
  }

  async rewrite(documents: readonly Document[], gone: readonly string[], place: Place): Promise<void> {
    const { idOf, versionOf, indexed } = this.#kind;
    const at = this.#owned();
    const stored = await this.#storedIn(at.index, [...gone, ...documents.map(idOf)]);
    // As new as what is there: a later batch, of whoever owns the documents by then, is newer.
    const newest = (id: string, version: number): number => Math.max(version, stored.get(id)?.version ?? 0);
    const same = { version_type: 'external_gte' as const };
    const operations = [
      ...documents.flatMap((document) => [
        { index: { _id: idOf(document), version: newest(idOf(document), versionOf(document)), ...same } },
        indexed(document) as object, // safe cast: a document is an object
      ]),
      ...gone.filter((id) => stored.has(id)).map((id) => ({ delete: { _id: id, version: newest(id, 0), ...same } })),
    ];
    if (operations.length > 0) {
      const { items } = await asking(() =>
        this.#client.bulk(
          { index: writtenAs(at.index), require_alias: true, operations },
          { requestTimeout: BATCH_MS },
        ),
      );
      for (const item of items) {
        const { status, error } = item.index ?? item.delete ?? {};
        if (error !== undefined) throw new SearchAway(`${status} ${error.type}`);
      }
    }
    this.#at = await this.#stored.move(at, place);
  }

  /** The place as this process has met it last, its own or not. */
  #seen(): ReadPlace {
    if (this.#at === undefined) throw new SearchAway('nothing has been read of it yet');
    return this.#at;
  }

  async put(documents: readonly Document[], place: Place, strangers: readonly Stranger[]): Promise<void> {
    const at = this.#owned();
    for (const page of pagesOf(documents, DOCUMENTS_AT_ONCE)) await this.#write(at.index, page);
    const setAside = strangers.length === 0 ? at.setAside : { streams: [...at.setAside.streams, ...strangers] };
    this.#at = await this.#stored.move(at, { ...place, setAside });
  }

  async #write(index: string, documents: readonly Document[]): Promise<void> {
    const { idOf, versionOf, indexed } = this.#kind;
    const operations = documents.flatMap((document) => [
      { index: { _id: idOf(document), version: versionOf(document), version_type: 'external' as const } },
      indexed(document) as object, // safe cast: a document is an object
    ]);
    const { errors, items } = await asking(() =>
      this.#client.bulk({ index: writtenAs(index), require_alias: true, operations }, { requestTimeout: BATCH_MS }),
    );
    if (!errors) return;
    // A document that is as new or newer is there already.
    const failed = items.find(({ index: written }) => written?.error !== undefined && written.status !== 409);
    const { status, error } = failed?.index ?? {};
    if (error !== undefined) throw new SearchAway(`${status} ${error.type}`);
  }

  async beat(place: Place): Promise<boolean> {
    const at = this.#owned();
    if (!(await this.#stored.hasIndex(at.index))) return false;
    return this.#moves({ ...place, beat: at.beat + 1 });
  }

  /** Asks the index, which then has everything up to `upTo`, as far as it has been put. */
  async ask<Answer>(
    upTo: Position | undefined,
    question: (client: Client, index: string) => Promise<Answer>,
  ): Promise<Answer> {
    const at = this.#seen();
    const needed = Math.max(upTo ?? 0, this.#shownFrom);
    return asking(async () => {
      if (needed > 0) await this.#makeVisible(at, needed);
      try {
        return await question(this.#client, at.index);
      } catch (error) {
        if (statusOf(error) === 404) throw new SearchAway('its documents are gone, and will be put again');
        throw error;
      }
    });
  }

  /** Documents can be searched some time after they were written, or when that is asked for. */
  async #makeVisible(at: ReadPlace, upTo: Position): Promise<void> {
    const { index, position } = at;
    const isVisible = this.#visible?.index === index && this.#visible.position >= Math.min(upTo, position);
    if (isVisible) return;
    await this.#client.indices.refresh({ index });
    this.#visible = { index, position };
  }

  /** A page of ids after this one, in their order: the field has the id. */
  protected idsBy(field: string, after: string, limit: number): Promise<readonly string[]> {
    return this.ask(undefined, async (client, index) => {
      // What was written is found only then.
      if (after === '') await client.indices.refresh({ index });
      const { hits } = await client.search({
        index,
        size: limit,
        _source: false,
        sort: [{ [field]: 'asc' }],
        ...(after === '' ? {} : { search_after: [after] }),
      });
      return hits.hits.flatMap(({ sort }) => (typeof sort?.[0] === 'string' ? [sort[0]] : []));
    });
  }

  showFrom(position: Position): void {
    this.#shownFrom = Math.max(this.#shownFrom, position);
  }

  async size(): Promise<{ readonly rows: number; readonly bytes: number }> {
    const { index } = this.#seen();
    const { _all } = await asking(() => this.#client.indices.stats({ index, metric: ['docs', 'store'] }));
    return { rows: _all.primaries?.docs?.count ?? 0, bytes: _all.primaries?.store?.size_in_bytes ?? 0 };
  }

  async remove(): Promise<void> {
    await this.#stored.remove();
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** The place that this process owns, or owned last: whoever has taken it over meanwhile has moved it. */
  #owned(): ReadPlace {
    if (this.#at === undefined || this.#at.owner !== this.#owner) throw new PlaceMoved(this.#kind.name);
    return this.#at;
  }
}
