// Elasticsearch answers as the embedded index does.
import { afterAll } from '@jest/globals';
import { orderIndexContract } from '@railhead/tests/contract/order-index.contract.ts';
import { ELASTICSEARCH } from '@railhead/tests/services/elasticsearch.ts';
import { OPENSEARCH } from '@railhead/tests/services/opensearch.ts';
import { describeOnServer } from '@railhead/tests/services/under-test.ts';
import { openedIndices } from '@railhead/tests/support/elastic-orders.ts';

for (const kind of [ELASTICSEARCH, OPENSEARCH])
  describeOnServer(kind, (server) => {
    const { open, closeAll } = openedIndices();
    afterAll(closeAll);
    orderIndexContract('Elasticsearch', async () => (await open(await server.ownPart())).index);
  });
