// A log whose orders were numbered by another secret is not sold from: requests that are sent again would be new orders.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { orderNoOf, plainOrderNoOf } from '@railhead/commands/orders/order-number.ts';
import { orderSecretFits } from '@railhead/commands/orders/order-secret-fits.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { loadConfig } from '../config/load-config.ts';
import { withSecrets } from '../config/secrets.ts';
import { MemoryEventStore } from '../eventstore/memory/memory-event-store.ts';
import { SqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.ts';
import { RailheadServer } from './server.ts';

const data = join(tempFolder(), 'data');
const secretPath = join(data, 'order-secret.json');
const start = async (flags: object = {}): Promise<void> => {
  const { config } = loadConfig({ flags: { data, port: 0, logLevel: 'silent', ...flags }, env: {}, file: undefined });
  const server = await RailheadServer.start(withSecrets(config));
  await server.stop();
};
const requested = (orderNo: string, userId: string) => ({
  stream: `order-${orderNo}`,
  expected: 'noStream' as const,
  events: [newEvent({ orderNo, requestHash: 'x', request: { ...oneSeat, userId } }, 'OrderRequested')],
});
const AT_MS = Date.parse(newEvent().meta.at);
const users = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `user${n}`);
const logOf = async (...orders: readonly ReturnType<typeof requested>[]): Promise<MemoryEventStore> => {
  const store = new MemoryEventStore();
  if (orders.length > 0) await store.append(orders);
  return store;
};

let secret = '';
beforeAll(async () => {
  const { config } = loadConfig({ flags: { data }, env: {}, file: undefined });
  secret = withSecrets(config).orderSecret;
  const store = await SqliteEventStore.open({ folder: data });
  await store.append(users(5).map((user) => requested(orderNoOf(secret, user, 'key', 0), user)));
  await store.close();
});

test('a start with the secret of the log; refused without it, and with that of another railway', async () => {
  await start();
  rmSync(secretPath);
  // The second time there is the file that the first one made.
  for (let n = 0; n < 2; n += 1)
    await expect(start()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('Put back order-secret.json'),
    });
  await expect(start({ orderSecret: 'of another railway' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  await start({ orderSecret: 'of another railway', ordersCheckedSince: new Date(AT_MS + 1).toISOString() });
  writeFileSync(secretPath, JSON.stringify({ orderSecret: secret }));
  await start();
});

test('orders from before there was a secret fit any, if they were requested before it came', async () => {
  const store = await logOf(...users(9).map((user) => requested(plainOrderNoOf(user, 'key', 0), user)));
  expect(await orderSecretFits(store, { secret }, Number.NEGATIVE_INFINITY)).toBe(false);
  const keyed = (keyedSinceMs: number) => orderSecretFits(store, { secret, keyedSinceMs }, Number.NEGATIVE_INFINITY);
  expect([await keyed(AT_MS), await keyed(AT_MS + 1)]).toEqual([false, true]);
});

test('a log without orders, or with orders that were numbered by nobody, fits any secret', async () => {
  for (const store of [await logOf(), await logOf(requested('N1', 'alice'))])
    expect(await orderSecretFits(store, { secret }, Number.NEGATIVE_INFINITY)).toBe(true);
});
