import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { jsonDialect } from '../json-dialect.ts';
import { verifySignature } from '../signature.ts';
import { GatewayStore } from './gateway-store.ts';
import { NoticeSender } from './notice-sender.ts';

const SECRET = 'a-secret-of-some-length';
const folder = tempFolder();

type Arrival = { readonly afterMs: number; readonly body: string; readonly signed: boolean };

/** How the merchant answers each delivery in turn; from then on like the last one. */
type Manner = number | 'hangs up' | 'holds';
/** Ends what is held, by hanging up. */
const held: (() => void)[] = [];

let clock = new ManualClock();
let merchant: Server;
let arrivals: Arrival[] = [];
let manners: readonly Manner[] = [200];
let errors: object[] = [];
let atOnce = 0;
let busiest = 0;
let path = '';
let files = 0;

const logger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: (fields) => errors.push(fields) };

beforeEach(async () => {
  [clock, arrivals, errors, busiest] = [new ManualClock(), [], [], 0];
  files += 1;
  path = join(folder, `gateway-${files}.db`);
  const started = clock.now();
  merchant = createServer(async (request, response) => {
    atOnce += 1;
    busiest = Math.max(busiest, atOnce);
    response.once('close', () => {
      atOnce -= 1;
    });
    const body = await buffer(request);
    const header = request.headers['gateway-signature'];
    const signed = verifySignature(SECRET, String(header), body, { nowMs: clock.now(), toleranceSeconds: 1 });
    arrivals.push({ afterMs: clock.now() - started, body: body.toString(), signed });
    const manner = manners[Math.min(arrivals.length, manners.length) - 1] ?? 200;
    if (manner === 'hangs up') request.socket.destroy();
    else if (manner === 'holds') held.push(() => request.socket.destroy());
    else response.writeHead(manner).end();
  });
  merchant.listen(0, '127.0.0.1');
  await once(merchant, 'listening');
});
afterEach(async () => {
  merchant.closeAllConnections();
  merchant.close();
  await once(merchant, 'close');
});

const open = (): { readonly store: GatewayStore; readonly sender: NoticeSender } => {
  const store = new GatewayStore(path);
  return { store, sender: new NoticeSender(store, jsonDialect(SECRET), clock, logger) };
};

const addNotice = (store: GatewayStore, body: string): void => {
  // Safe cast: a server on a port has such an address.
  const { port } = merchant.address() as AddressInfo;
  store.addNotice({ url: `http://127.0.0.1:${port}/notices`, body, dueMs: clock.now() });
};

/** Lets all due notices be sent, then moves the clock to the next attempt, `attempts` times or until there is none. */
const deliver = async (store: GatewayStore, attempts: number): Promise<void> => {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    await waitUntil('the notice to be dealt with', () => (store.nextDueMs() ?? Infinity) > clock.now());
    const next = store.nextDueMs();
    if (next === undefined) return;
    if (attempt < attempts) await clock.advance(next - clock.now());
  }
};

const seconds = (): readonly number[] => arrivals.map(({ afterMs }) => afterMs / 1000);

describe('a notice', () => {
  test('is sent at once, signed, and once', async () => {
    manners = [204];
    const { store, sender } = open();
    addNotice(store, '{"paymentNo":"P"}');
    sender.wake();
    sender.wake();
    await deliver(store, 2);
    await sender.stop();
    expect(arrivals).toEqual([{ afterMs: 0, body: '{"paymentNo":"P"}', signed: true }]);
    expect(store.nextDueMs()).toBeUndefined();
    store.close();
  });

  test('is sent again after 1, 2, 4 and 8 seconds, until it is accepted', async () => {
    manners = [500, 404, 'hangs up', 302, 200];
    const { store, sender } = open();
    addNotice(store, '{}');
    sender.wake();
    await deliver(store, 10);
    await clock.advance(3_600_000);
    await sender.stop();
    expect(seconds()).toEqual([0, 1, 3, 7, 15]);
    expect(arrivals.every(({ signed }) => signed)).toBe(true);
    expect(errors).toEqual([]);
    store.close();
  });

  test('is sent again later where the gateway could not write down what became of it', async () => {
    manners = [200];
    const { store, sender } = open();
    addNotice(store, '{}');
    const { delivered, postpone } = store;
    const full = (): never => {
      throw new Error('full');
    };
    Object.assign(store, { delivered: full, postpone: full });
    sender.wake();
    await waitUntil('the failure', () => errors.length === 1);
    Object.assign(store, { delivered, postpone });
    await clock.advance(10_000);
    await waitUntil('the notice to be dealt with', () => store.nextDueMs() === undefined);
    await sender.stop();
    expect(seconds()).toEqual([0, 10]);
    store.close();
  });

  test('is a dead letter after eight attempts, and that is logged', async () => {
    manners = [503];
    const { store, sender } = open();
    addNotice(store, '{"paymentNo":"P"}');
    sender.wake();
    await deliver(store, 20);
    await clock.advance(86_400_000);
    await sender.stop();
    expect(seconds()).toEqual([0, 1, 3, 7, 15, 31, 63, 127]);
    expect(errors).toEqual([expect.objectContaining({ body: '{"paymentNo":"P"}' })]);
    expect(store.dead()).toEqual([
      expect.objectContaining({ body: '{"paymentNo":"P"}', error: expect.stringContaining('503') }),
    ]);
    store.close();
  });

  test('survives a restart, and continues with the next attempt', async () => {
    manners = [500, 500, 500, 200];
    const before = open();
    addNotice(before.store, '{}');
    before.sender.wake();
    await deliver(before.store, 2);
    await before.sender.stop();
    before.store.close();
    await clock.advance(60_000);
    expect(seconds()).toEqual([0, 1]);
    const { store, sender } = open();
    sender.wake();
    await deliver(store, 10);
    await sender.stop();
    expect(seconds()).toEqual([0, 1, 61, 65]);
    expect(store.nextDueMs()).toBeUndefined();
    store.close();
  });

  test('that waits when the gateway stops keeps its attempts, however many wait and however often it was called', async () => {
    manners = ['holds'];
    const { store, sender } = open();
    for (let n = 0; n < 500; n += 1) {
      addNotice(store, String(n));
      sender.wake();
    }
    await waitUntil('the first notice', () => held.length > 0);
    const stopped = sender.stop();
    manners = [503];
    for (const hangUp of held.splice(0)) hangUp();
    await stopped;
    const sent = arrivals.length;
    expect(sent).toBeLessThanOrEqual(20);
    await clock.advance(3_600_000);
    sender.wake();
    await clock.advance(3_600_000);
    expect(arrivals).toHaveLength(sent);
    expect(store.due(clock.now(), 1_000).map(({ attempts }) => attempts)).toEqual(Array.from({ length: 500 }, () => 0));
    store.close();
  });

  test('of many is sent with a few others at a time', async () => {
    manners = [200];
    const { store, sender } = open();
    for (let n = 0; n < 50; n += 1) addNotice(store, String(n));
    sender.wake();
    await waitUntil('all notices', async () => {
      await clock.advance(10);
      return store.nextDueMs() === undefined;
    });
    await sender.stop();
    expect(new Set(arrivals.map(({ body }) => body)).size).toBe(50);
    expect(arrivals).toHaveLength(50);
    expect(busiest).toBeLessThanOrEqual(20);
    store.close();
  });
});
