// A counter in memory, decremented by a Lua script: a sale without seats and without durability.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BareRow } from './order-rows.ts';
import { type OtherServer, run, withServer } from './other-server.ts';

const SERVER = '/usr/bin/redis-server';
const LOAD = '/usr/bin/redis-benchmark';
const CLI = '/usr/bin/redis-cli';
const NAME = 'Redis, a Lua counter of seats, 50 clients: not durable, not seat-exact';
/** `redis-benchmark` counts requests, not seconds. */
const REQUESTS_PER_SECOND = 40_000;
const SEATS = 1_000_000_000;
const SELL = "if redis.call('DECR', KEYS[1]) < 0 then return 0 end return 1";

export const redisCounter = async (_: readonly BareRow[], seconds: number): Promise<OtherServer> => {
  if (![SERVER, LOAD, CLI].every(existsSync)) return { name: NAME, skipped: 'skipped: redis-server is not installed' };
  const folder = mkdtempSync(join(tmpdir(), 'railhead-redis-'));
  const socket = join(folder, 'redis.sock');
  const args = ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', folder];
  const cli = (...command: readonly string[]): Promise<string> => run(CLI, ['-s', socket, ...command], {}, 10_000);
  try {
    const ordersPerSecond = await withServer(
      { file: SERVER, args, identity: {} },
      async () => {
        if ((await cli('PING')).trim() !== 'PONG') throw new Error('redis-server does not answer');
      },
      async () => {
        await cli('SET', 'seats', String(SEATS));
        const requests = String(Math.ceil(seconds * REQUESTS_PER_SECOND));
        const load = ['-s', socket, '-n', requests, '-c', '50', '--csv', 'EVAL', SELL, '1', 'seats'];
        const printed = await run(LOAD, load, {}, (seconds + 60) * 1_000);
        // The last line: "name","requests per second",…
        const rate = Number(/^"[^\n]*?","([\d.]+)"/m.exec(printed.trim().split('\n').at(-1) ?? '')?.[1]);
        if (!(rate > 0)) throw new Error(`redis-benchmark printed no rate: ${printed}`);
        return rate;
      },
    );
    return { name: NAME, ordersPerSecond };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
