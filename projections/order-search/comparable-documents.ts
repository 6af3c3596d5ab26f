// Documents as rows that can be compared, wherever the index stands.
import { type ComparableRows, canonical } from '../engine/generations/comparable-rows.ts';
import type { OrderIndex } from './order-index.ts';

const PAGE = 200;

export const documentRows = (documents: Pick<OrderIndex, 'orderNos' | 'examine'>): ComparableRows => ({
  async *keys() {
    for (let after = ''; ; ) {
      const page = await documents.orderNos(after, PAGE);
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
  // Names are stored in full, to be found by, and shown to nobody.
  shown: (row) => JSON.stringify(JSON.parse(row), (key, value: unknown) => (key === 'names' ? undefined : value)),
  mayBeAhead: true,
});
