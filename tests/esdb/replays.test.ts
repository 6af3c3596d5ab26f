// Read models are built again from EventStoreDB, whose positions have gaps, while they are read.
import { expect, test } from '@jest/globals';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach } from '../support/esdb-world.ts';
import { Readers } from '../support/readers.ts';
import { Rebuilding, sellingWhile } from '../support/rebuilding.ts';
import { ServedRailway } from '../support/served-railway.ts';

closeAfterEach();

test('orders and free seats are built again, compared and exchanged during a sale', async () => {
  const { store } = await anyEventStore();
  const railway = await ServedRailway.start({ rows: 90, letters: 'ABCDF', stops: 3 }, {}, store);
  try {
    const rebuilding = new Rebuilding(railway);
    const models = ['orders', 'availability'];
    await sellingWhile(railway, new Readers(railway), async () => {
      await Promise.all(models.map((model) => rebuilding.rebuildAndMove(model, () => railway.order())));
    });
    await railway.shown();
    for (const model of models) expect((await rebuilding.stateOf(model)).serving.generation).toBe(2);
  } finally {
    await railway.stop();
  }
}, 120_000);
