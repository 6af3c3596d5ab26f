// The place of a model on a search server: a document of its own, which moves only from where it was read
// (`if_seq_no`, `if_primary_term`). It names the index of the model's documents, whose name nothing else ever had: what is
// written late by somebody who has lost the model meets another index, or none.
import { randomUUID } from 'node:crypto';
import type { Client } from '@elastic/elasticsearch';
import { NOBODY } from '@railhead/projections/engine/model-lease.ts';
import { NOWHERE, PlaceMoved } from '@railhead/projections/engine/model-place.ts';
import { type Index, PLACES_INDEX, type PlaceDocument } from './mappings.ts';
import { asking, SearchAway, statusOf, typeOf } from './search-server.ts';

/** Another shape of the document needs another name. */
const PLACES = 'places-1';

/** As it was read or written, with what moves it on from there. */
export type ReadPlace = PlaceDocument & { readonly seqNo: number; readonly primaryTerm: number };

/** A model whose documents are on a search server. `documents`: what their indices are called. */
export type StoredModel = {
  readonly name: string;
  readonly version: number;
  readonly documents: string;
  readonly mapping: Index;
};

export class StoredPlaceOf {
  readonly #client: Client;
  readonly #prefix: string;
  readonly #model: StoredModel;

  constructor(client: Client, prefix: string, model: StoredModel) {
    this.#client = client;
    this.#prefix = prefix;
    this.#model = model;
  }

  /** Makes it where there is none, or one of an older program. Throws where a newer program has made it. */
  read(): Promise<ReadPlace> {
    return asking(async () => {
      const { version } = this.#model;
      const found = await this.#find();
      if (found !== undefined && found.version > version)
        throw new SearchAway(`the documents are not of version ${version}: a newer program has made them`);
      if (found?.version === version) return found;
      return this.#begin(found);
    });
  }

  /** Only to look: the last place that anybody has written. */
  async #find(): Promise<ReadPlace | undefined> {
    try {
      const { _source, _seq_no, _primary_term } = await this.#client.get<PlaceDocument>({
        index: this.#places,
        id: this.#model.name,
      });
      if (_source === undefined || _seq_no === undefined || _primary_term === undefined) return undefined;
      return { ..._source, seqNo: _seq_no, primaryTerm: _primary_term };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  get #places(): string {
    return `${this.#prefix}${PLACES}`;
  }

  /** Throws `PlaceMoved` where it is not any more what was read. */
  async move(from: ReadPlace, change: Partial<PlaceDocument>): Promise<ReadPlace> {
    const { seqNo, primaryTerm, ...before } = from;
    const document: PlaceDocument = { ...before, ...change };
    return asking(async () => {
      try {
        const { _seq_no, _primary_term } = await this.#client.index({
          index: writtenAs(this.#places),
          require_alias: true,
          id: this.#model.name,
          if_seq_no: seqNo,
          if_primary_term: primaryTerm,
          document,
        });
        return { ...document, seqNo: _seq_no ?? 0, primaryTerm: _primary_term ?? 0 };
      } catch (error) {
        // Gone, or written by somebody else.
        if (statusOf(error) === 409 || statusOf(error) === 404) throw new PlaceMoved(this.#model.name);
        throw error;
      }
    });
  }

  /** A place at the beginning, with an empty index. `before`: of another version, whose documents go. */
  async #begin(before: ReadPlace | undefined): Promise<ReadPlace> {
    await this.#makePlaces();
    const index = await this.newIndex();
    const epoch = (before?.epoch ?? 0) + 1;
    const beginning = { version: this.#model.version, index, ...NOWHERE, ...NOBODY, epoch, setAside: { streams: [] } };
    try {
      if (before !== undefined) {
        const moved = await this.move(before, beginning);
        await this.deleteOthers(index);
        return moved;
      }
      const { _seq_no, _primary_term } = await this.#client.index({
        index: writtenAs(this.#places),
        require_alias: true,
        op_type: 'create',
        id: this.#model.name,
        document: beginning,
      });
      await this.deleteOthers(index);
      return { ...beginning, seqNo: _seq_no ?? 0, primaryTerm: _primary_term ?? 0 };
    } catch (error) {
      // Another process was faster; what it has made is found the next time.
      await this.deleteIndex(index);
      throw statusOf(error) === 409 ? new PlaceMoved(this.#model.name) : error;
    }
  }

  async #makePlaces(): Promise<void> {
    try {
      const aliases = { [writtenAs(this.#places)]: {} };
      await this.#client.indices.create({ index: this.#places, ...PLACES_INDEX, aliases });
    } catch (error) {
      if (typeOf(error) !== 'resource_already_exists_exception') throw error;
    }
  }

  /** For the documents of this version. */
  async newIndex(): Promise<string> {
    const { version, mapping } = this.#model;
    const index = `${this.#named}${version}-${randomUUID().slice(0, 13)}`;
    await asking(() => this.#client.indices.create({ index, ...mapping, aliases: { [writtenAs(index)]: {} } }));
    return index;
  }

  async hasIndex(index: string): Promise<boolean> {
    return asking(() => this.#client.indices.exists({ index: writtenAs(index) }));
  }

  get #named(): string {
    return `${this.#prefix}${this.#model.documents}-v`;
  }

  /** Of all documents that there are, only these are named by the place. Others may be left by whoever died. */
  async deleteOthers(index: string): Promise<void> {
    const all = Object.keys(await asking(() => this.#client.indices.getAlias({ index: `${this.#named}*` })));
    const ours = all.filter((name) => /^\d+-[0-9a-f]{8}-[0-9a-f]{4}$/.test(name.slice(this.#named.length)));
    for (const other of ours) if (other !== index) await this.deleteIndex(other);
  }

  /** The place goes first: whoever still writes finds that it has moved. */
  async remove(): Promise<void> {
    await asking(async () => {
      try {
        await this.#client.delete({ index: this.#places, id: this.#model.name, refresh: true });
      } catch (error) {
        if (statusOf(error) !== 404) throw error;
      }
    });
    await this.deleteOthers('');
  }

  /** What cannot be deleted now stays, and is in nobody's way. */
  async deleteIndex(index: string): Promise<void> {
    await this.#client.indices.delete({ index }).catch(() => {});
  }
}

/** An index is written to by its other name: where it has been deleted, Elasticsearch makes none of its own in its place. */
export const writtenAs = (index: string): string => `${index}-written`;
