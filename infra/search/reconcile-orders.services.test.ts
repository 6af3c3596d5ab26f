// Orders against the log, with Elasticsearch; and what only its documents can have wrong.

import { afterAll, expect, test } from '@jest/globals';
import { openOrderSearch } from '@railhead/projections/order-search/order-search-model.ts';
import { reconcileOrders } from '@railhead/projections/order-search/reconcile-orders.ts';
import { onePart } from '@railhead/projections/orders/order-rows.ts';
import { ordersModel } from '@railhead/projections/orders/orders-model.ts';
import {
  orderReconciliationContract,
  type SearchPlace,
} from '@railhead/tests/contract/order-reconciliation.contract.ts';
import { ELASTICSEARCH } from '@railhead/tests/services/elasticsearch.ts';
import { OPENSEARCH } from '@railhead/tests/services/opensearch.ts';
import { describeOnServer } from '@railhead/tests/services/under-test.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { livesOf, writeOrder } from '@railhead/tests/support/order-life.ts';
import { anyLog, readSideOf } from '@railhead/tests/support/read-side.ts';
import { MemoryEventStore } from '../eventstore/memory/memory-event-store.ts';
import { ElasticOrderIndex } from './elastic-order-index.ts';
import type { PlaceDocument } from './mappings.ts';
import { clientAt } from './search-server.ts';

for (const kind of [ELASTICSEARCH, OPENSEARCH])
  describeOnServer(kind, (server) => {
    const opened: ElasticOrderIndex[] = [];
    const newSearch = async (): Promise<SearchPlace> => {
      const index = new ElasticOrderIndex({ ...(await server.ownPart()), clock: realClock });
      opened.push(index);
      return { model: openOrderSearch(index), close: async () => {} };
    };
    afterAll(async () => {
      for (const index of opened) await index.close();
    });
    orderReconciliationContract('in Elasticsearch', newSearch, 3);

    test('a document that is not found by what it says, or that somebody has deleted, is written anew', async () => {
      const part = await server.ownPart();
      const index = new ElasticOrderIndex({ ...part, clock: realClock });
      opened.push(index);
      const { projection, queries } = openOrderSearch(index);
      const [log, database] = [new MemoryEventStore(), await readSideOf(ordersModel)];
      const orders = ordersModel.open(database);
      for (const orderNo of ['N1', 'N2']) await writeOrder(log, orderNo, livesOf(orderNo)[1] ?? []);
      const proof = { ...anyLog, fingerprintAt: (position: number) => log.fingerprintAt(position) };
      await projection.lease?.acquire(
        new AbortController().signal,
        async () => false,
        () => {},
      );
      for (const each of [orders.projection, projection]) {
        await each.load(proof);
        await each.apply(await log.readAll({ after: 0, limit: 100 }));
      }
      const client = clientAt(part.url);
      const places = await client.get<PlaceDocument>({ index: `${part.prefix}places-1`, id: 'orderSearch' });
      const name = places._source?.index ?? '';
      const compare = async () =>
        (
          await reconcileOrders(
            {
              log,
              rows: onePart(orders.queries.rows),
              documents: queries.documents,
              giveWay: async () => {},
              timestamp: () => '',
            },
            {},
          )
        ).details;
      await client.update({ index: name, id: 'N1', doc: { status: 'CLOSED' } });
      // As Elasticsearch remembers the version of what was deleted a moment ago.
      await client.delete({ index: name, id: 'N2', version: 4, version_type: 'external_gte' });
      expect(await compare()).toEqual([
        expect.objectContaining({ order_no: 'N1', kind: 'differs', fields: ['columns'], action: 'auto_fixed' }),
        expect.objectContaining({ order_no: 'N2', kind: 'missing', action: 'auto_fixed' }),
      ]);
      expect(await compare()).toEqual([]);
      const found = await queries.search({ limit: 5, status: 'WAIT_PAY' }, 4);
      expect(found.orders.map(({ orderNo }) => orderNo).sort()).toEqual(['N1', 'N2']);
      // A deletion of a higher version is believed for a minute.
      await client.delete({ index: name, id: 'N2', version: 900, version_type: 'external' });
      expect(await compare()).toEqual([expect.objectContaining({ order_no: 'N2', kind: 'missing', action: 'left' })]);
      await projection.lease?.release();
      await client.close();
      await database.db.destroy();
    });

    test('whoever has read nothing of it yet compares nothing', async () => {
      const { model } = await newSearch();
      await expect(model.queries.documents.orderNos('', 1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await expect(model.queries.documents.examine(['N1'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    });
  });
