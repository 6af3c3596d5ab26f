// Elasticsearch dies, stands still, has no room, loses what it had, or has what this program cannot use: the sale goes on and
// the process stays ready, the search says that it cannot answer, and afterwards it has what a fold of the log gives.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ORDER_SEARCH_VERSION } from '@railhead/projections/order-search/order-search-model.ts';
import { ELASTICSEARCH } from '@railhead/tests/services/elasticsearch.ts';
import { OPENSEARCH } from '@railhead/tests/services/opensearch.ts';
import { describeServerFaults } from '@railhead/tests/services/under-test.ts';
import { openedIndices, storedDocuments } from '@railhead/tests/support/elastic-orders.ts';
import { documentsOf } from '@railhead/tests/support/searched-orders.ts';
import { ServedRailway } from '@railhead/tests/support/served-railway.ts';
import { type Answer, ask, type Json } from '@railhead/tests/support/shopper.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { clientAt } from './search-server.ts';

let railways = 0;

for (const kind of [ELASTICSEARCH, OPENSEARCH])
  describeServerFaults(kind, (server) => {
    let railway: ServedRailway;
    let part: { readonly url: string; readonly prefix: string };
    let client: ReturnType<typeof clientAt>;
    let orderNos: string[];

    /** The search may have what keeps it from being there. */
    const serve = (): Promise<ServedRailway> =>
      ServedRailway.startShown(
        { rows: 90, letters: 'ABCDF', stops: 3 },
        { readSearch: part.url, readSearchPrefix: part.prefix },
      );
    beforeEach(async () => {
      railways += 1;
      part = { url: server().url, prefix: `faults-${railways}-` };
      client = clientAt(part.url);
      orderNos = [];
    });
    afterEach(async () => {
      await railway.stop();
      await client.close();
      if (!server().isRunning) await server().restart();
    });

    const sell = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) {
        const { status, body } = await railway.order();
        expect(status).toBe(201);
        orderNos.push(body.orderNo);
      }
    };
    const search = async (query = 'limit=1', position?: number): Promise<Answer> =>
      railway.ask(`/v1/admin/orders?${query}`, {
        token: await railway.token('olga', { role: 'operator' }),
        ...(position === undefined ? {} : { headers: { 'Railhead-Min-Position': String(position) } }),
      });
    const isAway = async (): Promise<void> => {
      const { status, body } = await search();
      expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
    };
    const ready = async (): Promise<Json> => {
      const { status, body } = await ask(`${railway.url}/readyz`);
      // Whatever becomes of the search, tickets are sold.
      expect(status).toBe(200);
      return body;
    };
    const told = (words: RegExp): Promise<unknown> =>
      waitUntil(`it to say ${words}`, async () => words.test((await ready()).parts.orderSearch));
    const comesBackWhole = async (): Promise<void> => {
      const position = await railway.store.lastPosition();
      await waitUntil('the search to have everything', async () => (await search('limit=1', position)).status === 200);
      const { body } = await search('limit=100', position);
      expect(body.orders.map(({ orderNo }: Json) => orderNo).sort()).toEqual([...orderNos].sort());
      const events = (await railway.events()).filter(({ stream }) => /^(order|payment)-/.test(stream));
      const wanted = documentsOf(events);
      await waitUntil('all documents', async () => (await storedDocuments(part)).length === wanted.length);
      expect(await storedDocuments(part)).toEqual(wanted);
    };
    const indices = async (): Promise<readonly string[]> =>
      Object.keys(await client.indices.get({ index: `${part.prefix}*` }));
    const documentsIndex = async (): Promise<string> =>
      (await indices()).find((name) => name.includes('-orders-')) ?? '';

    test('it is killed in the middle of writing', async () => {
      railway = await serve();
      const selling = sell(30);
      await waitUntil('some orders', () => orderNos.length > 5);
      await server().kill();
      await selling;
      await isAway();
      await told(/catchingUp: the search server cannot be used at the moment: no answer/);
      await server().restart();
      await comesBackWhole();
    });

    test('it is not there at the start', async () => {
      await server().kill();
      railway = await serve();
      await sell(3);
      await isAway();
      await told(/no answer/);
      await server().restart();
      await comesBackWhole();
    });

    test('it stands still', async () => {
      railway = await serve();
      await sell(3);
      await comesBackWhole();
      await server().pause();
      await sell(3);
      await isAway();
      server().resume();
      await comesBackWhole();
    });

    test.each([
      ['the documents', async () => [await documentsIndex()]],
      ['the place', async () => [`${part.prefix}places-1`]],
      ['everything', indices],
    ])('%s are deleted while nothing happens', async (_, which) => {
      railway = await serve();
      await sell(3);
      await comesBackWhole();
      const before = await documentsIndex();
      for (const index of await which()) await client.indices.delete({ index });
      await waitUntil('documents to be put again', async () => ![before, ''].includes(await documentsIndex()));
      await comesBackWhole();
    });

    test('it has no room', async () => {
      railway = await serve();
      await sell(3);
      await comesBackWhole();
      const index = await documentsIndex();
      const blocked = (isBlocked: boolean) =>
        client.indices.putSettings({ index, settings: { 'index.blocks.read_only_allow_delete': isBlocked } });
      await blocked(true);
      await sell(3);
      await told(/catchingUp: .*cluster_block_exception/);
      // What is there can still be asked for.
      expect((await search()).status).toBe(200);
      await blocked(false);
      await comesBackWhole();
    });

    test('somebody has made an index of that name with other fields', async () => {
      await client.indices.create({
        index: `${part.prefix}places-1`,
        mappings: { properties: { version: { type: 'text' } } },
      });
      railway = await serve();
      await sell(3);
      await isAway();
      await told(/catchingUp: .*index_not_found_exception/);
      await client.indices.delete({ index: `${part.prefix}places-1` });
      await comesBackWhole();
    });

    test('somebody has changed the fields of the documents', async () => {
      railway = await serve();
      await sell(1);
      await comesBackWhole();
      let changed = '';
      const change = async (): Promise<void> => {
        changed = await documentsIndex();
        const { aliases = {} } = (await client.indices.get({ index: changed }))[changed] ?? {};
        await client.indices.delete({ index: changed });
        await client.indices.create({
          index: changed,
          aliases,
          mappings: { dynamic: 'strict', properties: { first: { type: 'long' } } },
        });
        await sell(1);
      };
      await change();
      await waitUntil('it to say so', async () => {
        if (/catchingUp: .*strict_dynamic_mapping_exception/.test((await ready()).parts.orderSearch)) return true;
        // It may have looked just when there was none, and have made another one.
        const others = (await indices()).filter((name) => name.includes('-orders-') && name !== changed);
        if (others.length > 0) {
          await client.indices.delete({ index: changed, ignore_unavailable: true });
          await change();
        }
        return false;
      });
      const index = changed;
      await client.indices.delete({ index });
      await comesBackWhole();
    });

    test('a newer program has made the documents: they are left alone', async () => {
      const newer = openedIndices();
      const { index } = await newer.open(part, ORDER_SEARCH_VERSION + 1);
      await index.put([], { position: 1, fingerprint: 'newer' }, []);
      const before = await indices();
      railway = await serve();
      await sell(3);
      await told(/the documents are not of version 1: a newer program has made them/);
      await isAway();
      // Stations have an index of their own.
      const ofOrders = (await indices()).filter((name) => !name.includes('stations'));
      expect(ofOrders).toEqual(before);
      expect((await index.place()).position).toBe(1);
      await newer.closeAll();
      for (const name of before) await client.indices.delete({ index: name });
      await comesBackWhole();
    });

    test('an older program has made the documents: they are made anew', async () => {
      const older = openedIndices();
      const { index } = await older.open(part, ORDER_SEARCH_VERSION - 1);
      const before = await documentsIndex();
      railway = await serve();
      await sell(2);
      await comesBackWhole();
      expect(await indices()).not.toContain(before);
      await expect(index.put([], { position: 1, fingerprint: 'older' }, [])).rejects.toThrow(
        'another has moved the place',
      );
      await older.closeAll();
    });
  });
