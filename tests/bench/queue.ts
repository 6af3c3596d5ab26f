// The queue of one run with 50,000 people in it: joining, asking for a place, ordering by it, and what it costs the orders of
// runs that have none; how true the estimates are.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { userKey } from '@railhead/commands/limits/keys.ts';
import { placeTokenOf } from '@railhead/commands/queue/place-token.ts';
import { QueueGate } from '@railhead/commands/queue/queue-gate.ts';
import { standingIn } from '@railhead/commands/queue/queue-standing.ts';
import { RunQueues } from '@railhead/commands/queue/run-queues.ts';
import { ownOrigin } from '@railhead/commands/streams/append.ts';
import { systemRandom } from '@railhead/infra/system/system-clock.ts';
import { QUEUE_RULES } from '../support/queue-options.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { estimates } from './queue-estimates.ts';
import { listeners } from './queue-listeners.ts';
import { CLOCK, openWorld, trainName, type World } from './world.ts';

const PEOPLE = 50_000;
const SECRET = 'a-secret-of-the-benchmarks';
const MIB = 1024 * 1024;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export const queue: Benchmark = {
  name: 'queue',
  about: `a queue of ${PEOPLE.toLocaleString('en')}: joining, positions, orders by a place, estimates, and people who watch theirs`,
  async *run({ seconds }) {
    const world = await openWorld({ seats: 1_200, stops: 10, days: 2, trains: 1, orderProcess: false });
    try {
      yield* inProcess(world, seconds);
    } finally {
      await world.close();
    }
    yield estimates();
    yield await listeners(seconds);
  },
};

const usedBytes = (): number => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
};

/** Calls a second. */
const rateOf = (seconds: number, call: (n: number) => unknown): number => {
  const [began, until] = [performance.now(), performance.now() + seconds * 1_000];
  let calls = 0;
  let answered = 0;
  while (performance.now() < until)
    for (let n = 0; n < 1_000; n += 1) {
      if (call(calls) !== undefined) answered += 1;
      calls += 1;
    }
  // Nobody may leave out what is not used.
  if (answered === 0) throw new Error('nothing was answered');
  return calls / ((performance.now() - began) / 1_000);
};

const inProcess = async function* (world: World, seconds: number): AsyncGenerator<BenchResult> {
  const run = { train: trainName(0), date: world.dates[0] ?? '' };
  const deps = { store: world.store, clock: CLOCK, random: systemRandom, logger: SILENT, secret: SECRET };
  const rules = { ...QUEUE_RULES, first: 0, mostWaiting: PEOPLE };
  const queues = new RunQueues({ ...deps, rules });
  queues.isComplete = () => true;
  const line = await queues.line(run);
  await line.write(ownOrigin('bench/mode'), () => ({ type: 'SetMode', id: 'bench', mode: 'QUEUED' }));
  const users = Array.from({ length: PEOPLE }, (_, n) => userKey(SECRET, `user-${n}`));
  const before = usedBytes();
  const began = performance.now();
  await Promise.all(users.map((user) => line.join({ user }, undefined)));
  const joinSeconds = (performance.now() - began) / 1_000;
  const keptMiB = (usedBytes() - before) / MIB;
  yield {
    name: 'queue/join',
    value: PEOPLE / joinSeconds,
    unit: 'joins/s',
    references: [],
    details: { people: PEOPLE, keptMiB: Number(keptMiB.toFixed(1)), durable: 'yes' },
  };
  const random = seededRandom(1);
  const places = new Map(users.map((user, index) => [index, user]));
  const askedOf = (n: number) => (n * 7_919) % PEOPLE;
  const lookUps = rateOf(seconds / 2, (n) => places.get(askedOf(n)));
  const positions = rateOf(seconds, (n) => {
    const index = askedOf(n);
    return standingIn(line, { place: index + 1, user: users[index] ?? '' }, CLOCK.now());
  });
  yield {
    name: 'queue/position',
    value: positions,
    unit: 'positions/s',
    references: [{ name: 'a look into a map of as many', value: lookUps, ratio: positions / lookUps }],
    details: { people: PEOPLE },
  };
  yield* await orders(queues, { run, users, seconds, random });
};

/** What the gate takes of an order: of one that has a place, and of one on a run without a queue. */
const orders = async (
  queues: RunQueues,
  {
    run,
    users,
    seconds,
    random,
  }: {
    readonly run: { readonly train: string; readonly date: string };
    readonly users: readonly string[];
    readonly seconds: number;
    readonly random: { below(limit: number): number };
  },
): Promise<readonly BenchResult[]> => {
  const line = await queues.line(run);
  for (let seats = 0; line.queue.admitted < PEOPLE; seats += 1)
    await line.write(ownOrigin(`bench/admit/${seats}`), () => ({
      type: 'Admit',
      nowMs: CLOCK.now(),
      at: CLOCK.zone.timestamp(CLOCK.now()),
      rules: { ...QUEUE_RULES, first: PEOPLE },
    }));
  const gate = new QueueGate({ clock: CLOCK, queues, tokenSecret: SECRET, noteRequest: () => {} });
  const tokens = users.slice(0, 5_000).map((user, index) => placeTokenOf({ ...run, place: index + 1, user }, SECRET));
  let entered = 0;
  const [began, until] = [performance.now(), performance.now() + seconds * 1_000];
  while (performance.now() < until) {
    const n = random.below(tokens.length);
    const passed = gate.isOpen(run)
      ? undefined
      : await gate.enter({ ...run, userId: `user-${n}`, queueToken: tokens[n] ?? '' });
    if (passed?.ok !== true) throw new Error(`a place of the benchmark was refused: ${JSON.stringify(passed)}`);
    entered += 1;
  }
  const micros = ((performance.now() - began) * 1_000) / entered;
  const open = { train: 'OPEN1', date: run.date };
  const nanosOpen = 1e9 / rateOf(seconds / 2, () => gate.isOpen(open));
  return [
    {
      name: 'queue/enter',
      value: micros,
      unit: 'us an order',
      references: [
        { name: 'an order on a run without a queue', value: nanosOpen / 1_000, ratio: micros / (nanosOpen / 1_000) },
      ],
      details: { nanosWithoutQueue: Math.round(nanosOpen) },
    },
  ];
};
