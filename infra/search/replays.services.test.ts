// The search of orders is built again on Elasticsearch while it is asked, and moves over by its own index.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ELASTICSEARCH } from '@railhead/tests/services/elasticsearch.ts';
import { OPENSEARCH } from '@railhead/tests/services/opensearch.ts';
import { describeServerFaults } from '@railhead/tests/services/under-test.ts';
import { Readers } from '@railhead/tests/support/readers.ts';
import { Rebuilding, sellingWhile } from '@railhead/tests/support/rebuilding.ts';
import { ServedRailway } from '@railhead/tests/support/served-railway.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { clientAt } from './search-server.ts';

for (const kind of [ELASTICSEARCH, OPENSEARCH])
  describeServerFaults(kind, (server) => {
    const prefix = 'replays-';
    let railway: ServedRailway;
    let rebuilding: Rebuilding;
    beforeEach(async () => {
      railway = await ServedRailway.start(
        { rows: 90, letters: 'ABCDF', stops: 3 },
        { readSearch: server().url, readSearchPrefix: prefix },
      );
      rebuilding = new Rebuilding(railway);
    });
    afterEach(async () => {
      await railway.stop();
      if (!server().isRunning) await server().restart();
    });
    const indices = async (): Promise<readonly string[]> => {
      const client = clientAt(server().url);
      try {
        return Object.keys(await client.indices.get({ index: `${prefix}orders*` }));
      } finally {
        await client.close();
      }
    };

    test('it takes over, goes back and takes over again, and nobody who asks is refused or sees older rows', async () => {
      await railway.ticketed(2);
      await railway.allShown();
      await sellingWhile(railway, new Readers(railway), () =>
        Promise.all(
          ['orderSearch', 'stationSearch'].map((model) => rebuilding.rebuildAndMove(model, () => railway.order())),
        ).then(() => {}),
      );
      await railway.allShown();
      for (const model of ['orderSearch', 'stationSearch'])
        expect(await rebuilding.stateOf(model)).toMatchObject({ store: 'Elasticsearch', serving: { generation: 2 } });
      // Of the one that was dropped nothing is left.
      const left = await waitUntil('one index', async () => {
        const all = await indices();
        return all.length === 1 ? all : undefined;
      });
      expect(left[0]).toContain(`${prefix}orders-g2-v`);
    });

    test('its server is killed while it is built: it goes on when the server is back', async () => {
      for (let n = 0; n < 20; n += 1) await railway.order();
      await railway.allShown();
      expect((await rebuilding.start('orderSearch', { eventsPerSecond: 20 })).status).toBe(201);
      await waitUntil('some of it', async () => (await rebuilding.stateOf('orderSearch')).beside.position > 5);
      await server().kill();
      await waitUntil(
        'it to be told',
        async () => (await rebuilding.stateOf('orderSearch')).beside.failure !== undefined,
      );
      await server().restart();
      await rebuilding.tell('orderSearch', 'throttle', { eventsPerSecond: 0 });
      await rebuilding.whole('orderSearch');
      expect((await rebuilding.verify('orderSearch')).unlikeLog).toBe(0);
    });
  });
