// Documents of a model in memory: to compare those of a store with.
import type { Examined, RewritableIndex, StoredPlace } from './document-index.ts';
import type { ListedDocuments } from './generations/comparable-documents.ts';
import { NOWHERE, type Place } from './model-place.ts';
import type { Stranger } from './sorted-batch.ts';

type Kind<Document> = { idOf(document: Document): string; versionOf(document: Document): number };

export class MemoryDocuments<Document> implements RewritableIndex<Document>, ListedDocuments<Document> {
  readonly #kind: Kind<Document>;
  readonly #documents = new Map<string, Document>();
  #place: StoredPlace = { ...NOWHERE, setAside: [] };

  constructor(kind: Kind<Document>) {
    this.#kind = kind;
  }

  isPassing(): boolean {
    return false;
  }

  async place(): Promise<StoredPlace> {
    return this.#place;
  }

  async clear(): Promise<void> {
    this.#documents.clear();
    this.#place = { ...NOWHERE, setAside: [] };
  }

  async documents(ids: readonly string[]): Promise<ReadonlyMap<string, Document>> {
    const found = new Map<string, Document>();
    for (const id of ids) {
      const document = this.#documents.get(id);
      if (document !== undefined) found.set(id, document);
    }
    return found;
  }

  async put(documents: readonly Document[], place: Place, strangers: readonly Stranger[]): Promise<void> {
    const { idOf, versionOf } = this.#kind;
    for (const document of documents) {
      const before = this.#documents.get(idOf(document));
      if (before === undefined || versionOf(before) < versionOf(document))
        this.#documents.set(idOf(document), document);
    }
    this.#place = { ...place, setAside: [...this.#place.setAside, ...strangers] };
  }

  async beat(place: Place): Promise<boolean> {
    this.#place = { ...this.#place, ...place };
    return true;
  }

  async examine(ids: readonly string[]): Promise<Examined<Document>> {
    const { position, fingerprint } = this.#place;
    const found = await this.documents(ids);
    return {
      place: { position, fingerprint },
      documents: new Map([...found].map(([id, document]) => [id, { document, isWhole: true }])),
    };
  }

  async rewrite(documents: readonly Document[], gone: readonly string[], place: Place): Promise<void> {
    for (const document of documents) this.#documents.set(this.#kind.idOf(document), document);
    for (const id of gone) this.#documents.delete(id);
    this.#place = { ...this.#place, ...place };
  }

  async ids(after: string, limit: number): Promise<readonly string[]> {
    return [...this.#documents.keys()]
      .filter((id) => id > after)
      .sort()
      .slice(0, limit);
  }
}
