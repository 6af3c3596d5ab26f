// Documents as rows that can be compared, wherever the index stands.
import type { RewritableIndex } from '../document-index.ts';
import { type ComparableRows, canonical } from './comparable-rows.ts';

const PAGE = 200;

/** Documents of which all can be listed. */
export type ListedDocuments<Document> = Pick<RewritableIndex<Document>, 'examine'> & {
  /** A page of ids after this one, in their order. */
  ids(after: string, limit: number): Promise<readonly string[]>;
};

/** `hidden`: members of a document that nobody is shown. */
export const documentRows = <Document>(
  documents: ListedDocuments<Document>,
  hidden: readonly string[] = [],
): ComparableRows => ({
  async *keys() {
    for (let after = ''; ; ) {
      const page = await documents.ids(after, PAGE);
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last;
    }
  },
  read: async (keys) => {
    const examined = await documents.examine(keys);
    const rows = new Map([...examined.documents].map(([id, document]) => [id, canonical(document)]));
    return { position: examined.place.position, rows };
  },
  wordsIn: (key) => [key],
  shown: (row) => JSON.stringify(JSON.parse(row), (key, value: unknown) => (hidden.includes(key) ? undefined : value)),
  mayBeAhead: true,
});
