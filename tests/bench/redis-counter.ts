// A counter in memory, decremented by a Lua script: a sale without seats and without durability.
import { REDIS, redisSocket } from '../services/redis.ts';
import type { RunningServer } from '../services/running-server.ts';
import { run } from '../services/server-kind.ts';
import type { BareRow } from './order-rows.ts';
import { measureOther, type OtherServer } from './other-server.ts';

const NAME = 'Redis, a Lua counter of seats, 50 clients: not durable, not seat-exact';
/** `redis-benchmark` counts requests, not seconds. */
const REQUESTS_PER_SECOND = 40_000;
const SEATS = 1_000_000_000;
const SELL = "if redis.call('DECR', KEYS[1]) < 0 then return 0 end return 1";

export const redisCounter = (_: readonly BareRow[], seconds: number): Promise<OtherServer> =>
  measureOther({ name: NAME, kind: REDIS, args: ['--appendonly', 'no'] }, async (server) => measure(server, seconds));

const measure = async ({ place }: RunningServer, seconds: number): Promise<number> => {
  const program = (file: string, args: readonly string[], limitMs: number): Promise<string> =>
    run({ file, args: ['-s', redisSocket(place), ...args] }, place, {}, limitMs);
  await program('redis-cli', ['SET', 'seats', String(SEATS)], 10_000);
  const requests = String(Math.ceil(seconds * REQUESTS_PER_SECOND));
  const load = ['-n', requests, '-c', '50', '--csv', 'EVAL', SELL, '1', 'seats'];
  const printed = await program('redis-benchmark', load, (seconds + 60) * 1_000);
  // The last line: "name","requests per second",…
  const rate = Number(/^"[^\n]*?","([\d.]+)"/m.exec(printed.trim().split('\n').at(-1) ?? '')?.[1]);
  if (!(rate > 0)) throw new Error(`redis-benchmark printed no rate: ${printed}`);
  return rate;
};
