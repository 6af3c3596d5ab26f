import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readSideOf } from '@railhead/tests/support/read-side.ts';
import fc from 'fast-check';
import { atMost, equal, type PageQuestion, pageOfRows, type RowKeys } from './page-of-rows.ts';
import { type ReadDatabase, tablesOf } from './read-database.ts';
import { sqlModel } from './sql-model.ts';
import { integer, text } from './tables.ts';

type Thing = { no: string; time: number; owner: string; colour: string };
type Tables = { things: Thing };

const model = sqlModel<Tables, undefined>({
  name: 'things',
  version: 1,
  categories: [],
  tables: {
    things: {
      columns: { no: text(8), time: integer, owner: text(8), colour: text(8) },
      key: ['no'],
      indexes: { owner: ['owner', 'time', 'no'] },
    },
  },
  handler: () => async () => undefined,
  queries: () => undefined,
});

let database: ReadDatabase;
beforeEach(async () => {
  database = await readSideOf(model);
});
afterEach(() => database.db.destroy());

const things = fc
  .array(
    fc.record({
      time: fc.nat(4),
      owner: fc.constantFrom('a', 'b'),
      colour: fc.constantFrom('red', 'blue'),
    }),
    { maxLength: 30 },
  )
  .map((list): readonly Thing[] =>
    list.map((thing, index) => ({ ...thing, no: `N${String(index).padStart(2, '0')}` })),
  );

test('pages have every row that fits, once, in order, however few rows a page looks at', async () => {
  const db = tablesOf<Tables>(database.db);
  await fc.assert(
    fc.asyncProperty(
      things,
      fc.record({
        direction: fc.constantFrom('asc', 'desc'),
        isOfOwner: fc.boolean(),
        isRed: fc.boolean(),
        limit: fc.integer({ min: 1, max: 6 }),
        mostLookedAt: fc.integer({ min: 1, max: 8 }),
      }),
      async (rows, { direction, isOfOwner, isRed, limit, mostLookedAt }) => {
        await db.deleteFrom('things').execute();
        if (rows.length > 0)
          await db
            .insertInto('things')
            .values([...rows])
            .execute();
        const question: Omit<PageQuestion, 'after'> = {
          table: 'things',
          columns: ['no', 'owner'],
          keys: ['time', 'no'],
          direction,
          found: [...(isOfOwner ? [equal('owner', 'a')] : []), atMost('time', 3)],
          looked: isRed ? [equal('colour', 'red')] : [],
          limit,
        };
        const seen: string[] = [];
        let after: RowKeys | undefined;
        let pages = 0;
        do {
          const page = await pageOfRows<Tables, Thing>(db, { ...question, after }, mostLookedAt);
          expect(page.rows.length).toBeLessThanOrEqual(limit);
          seen.push(...page.rows.map(({ no }) => no));
          after = page.next;
          pages += 1;
        } while (after !== undefined && pages <= 100);
        const sign = direction === 'asc' ? 1 : -1;
        const wanted = rows
          .filter(
            ({ time, owner, colour }) => time <= 3 && (!isOfOwner || owner === 'a') && (!isRed || colour === 'red'),
          )
          .sort((a, b) => sign * (a.time - b.time || (a.no < b.no ? -1 : 1)))
          .map(({ no }) => no);
        expect(seen).toEqual(wanted);
      },
    ),
    { numRuns: 100 },
  );
});
