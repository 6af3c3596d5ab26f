// Limits of users and documents on a log that writes one stream after another, through EventStoreDB's client: many
// requests at the same moment, and appends whose answers are lost.
import { expect, test } from '@jest/globals';
import { audited } from '../support/clean-logs.ts';
import { closeAfterEach, connected } from '../support/esdb-world.ts';
import { codeOf, limitedSale, type SoldRun } from '../support/limited-sale.ts';

closeAfterEach();

const G1: SoldRun = { train: 'G1', date: '2026-12-01', minutes: [600, 660, 720] };
const counts = (codes: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...Map.groupBy(codes, (code) => code)].map(([code, all]) => [code, all.length]));

test('fifty requests of a user, and fifty for a document, are as many tickets as may be', async () => {
  const { store, server } = await connected();
  expect(store.capabilities.atomicStreams).toBe(false);
  const sale = await limitedSale([G1], { store });
  server.faults.set({ timeoutAfterCommit: 2 });
  const asked = Array.from({ length: 50 }, (_, n) => [
    { idempotencyKey: `a${n}`, documents: [`D${n}`] },
    { idempotencyKey: `b${n}`, userId: `u${n}`, documents: ['E1'] },
  ]).flat();
  // Without an answer people ask again, under the same key.
  const insist = async (wanted: (typeof asked)[number]): Promise<string> => {
    for (;;)
      try {
        return codeOf(await sale.order(wanted));
      } catch {
        // Its outcome is not known.
      }
  };
  expect(counts(await Promise.all(asked.map(insist)))).toEqual({ placed: 6, LIMIT_TRAIN: 45, JOURNEY_OVERLAPS: 49 });
  const { violations } = audited(await sale.events());
  expect(violations).toEqual([]);
});
