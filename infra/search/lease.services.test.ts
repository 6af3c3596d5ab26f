// Two processes have one index: one feeds it, the other takes over when the first says nothing more, and what the first
// writes late changes nothing.
import { afterEach, expect, test } from '@jest/globals';
import { ELASTICSEARCH } from '@railhead/tests/services/elasticsearch.ts';
import { OPENSEARCH } from '@railhead/tests/services/opensearch.ts';
import type { OwnPart } from '@railhead/tests/services/server-kind.ts';
import { describeOnServer } from '@railhead/tests/services/under-test.ts';
import { openedIndices, storedDocuments } from '@railhead/tests/support/elastic-orders.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { documentsOf, SEARCHED_EVENTS } from '@railhead/tests/support/searched-orders.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { ElasticOrderIndex } from './elastic-order-index.ts';

const DOCUMENTS = documentsOf(SEARCHED_EVENTS);
const EARLY = documentsOf(SEARCHED_EVENTS.slice(0, 7));
const PLACE = { position: SEARCHED_EVENTS.length, fingerprint: 'last' };

for (const kind of [ELASTICSEARCH, OPENSEARCH])
  describeOnServer(kind, (server) => {
    const { open, closeAll } = openedIndices();
    afterEach(closeAll);

    /** Another process, which waits for the lease and looks at the place whenever its own time has gone on. */
    const waiting = async (part: OwnPart) => {
      const clock = new ManualClock();
      const index = new ElasticOrderIndex({ ...part, clock });
      const seen: number[] = [];
      const lease = index.leaseWith(async () => true);
      let isOwner = false;
      const look = async ({ position }: { readonly position: number }): Promise<boolean> => {
        seen.push(position);
        return false;
      };
      const acquired = lease
        .acquire(new AbortController().signal, look, () => {})
        .then(() => {
          isOwner = true;
        });
      /** Until it has looked once more. */
      const wait = async (): Promise<void> => {
        const before = seen.length;
        await waitUntil('it to look', async () => {
          await clock.advance(250);
          return isOwner || seen.length > before;
        });
      };
      const takesOver = async (): Promise<number> => {
        for (let looks = 1; ; looks += 1) {
          await wait();
          if (isOwner || looks > 100) return looks;
        }
      };
      await waitUntil('it to look', () => seen.length > 0);
      const end = async (): Promise<void> => {
        await acquired;
        await lease.release();
        await index.close();
      };
      return { index, seen, wait, takesOver, end, isOwner: () => isOwner };
    };

    test('the other shows what is there, and takes over where the first says nothing', async () => {
      const part = await server.ownPart();
      const { index: first } = await open(part);
      await first.put(EARLY, { position: 7, fingerprint: 'seven' }, []);
      const other = await waiting(part);
      await other.takesOver();
      expect(other.seen).toContain(7);
      expect((await other.index.place()).position).toBe(7);
      expect((await other.index.search({ limit: 20 }, 7)).orders).toHaveLength(7);
      await other.index.put(DOCUMENTS, PLACE, []);

      // The first has stood still all the while, and knows nothing of it.
      await expect(first.put(EARLY, { position: 8, fingerprint: 'eight' }, [])).rejects.toThrow('has moved the place');
      expect(await first.beat({ position: 8, fingerprint: 'eight' })).toBe(false);
      expect((await other.index.place()).position).toBe(PLACE.position);
      expect(await storedDocuments(part)).toEqual(DOCUMENTS);
      await other.end();
    });

    test('what the first writes late, after the documents were thrown away, reaches none of the new ones', async () => {
      const part = await server.ownPart();
      const { index: first } = await open(part);
      await first.put(EARLY, { position: 7, fingerprint: 'seven' }, []);
      const other = await waiting(part);
      await other.takesOver();
      await other.index.clear();
      await expect(first.put(DOCUMENTS, PLACE, [])).rejects.toThrow('cannot be used');
      expect(await storedDocuments(part)).toEqual([]);
      await other.end();
    });

    test('an owner that beats is not taken for dead; one that has stopped is, and one that lets go is followed at once', async () => {
      const part = await server.ownPart();
      const { index: first } = await open(part);
      const other = await waiting(part);
      for (let position = 1; position <= 12; position += 1) {
        expect(await first.beat({ position, fingerprint: 'f' })).toBe(true);
        await other.wait();
      }
      expect(other.isOwner()).toBe(false);
      // Six looks are as long as three beats.
      expect(await other.takesOver()).toBeGreaterThanOrEqual(5);
      const third = await waiting(part);
      await third.wait();
      expect(third.isOwner()).toBe(false);
      await other.end();
      expect(await third.takesOver()).toBeLessThanOrEqual(2);
      await third.end();
    });
  });
