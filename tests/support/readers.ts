// People who ask all the time, while read models are exchanged under them: each answer is there, and none is older than one
// before.
import { setTimeout as waitMs } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { RUN_DATE, type ServedRailway } from './served-railway.ts';
import type { Answer, Json } from './shopper.ts';

/** Seven people who ask without a pause would leave no time for anything else. */
const ASKS_EVERY_MS = 20;
/** Also on a slow machine, so that each has something to compare. */
const LEAST_ANSWERS = 6;

type Reader = {
  readonly name: string;
  readonly path: string;
  readonly role?: 'operator';
  /** What never becomes less, of one answer. */
  readonly seen: (body: Json) => readonly number[];
};

const READERS: readonly Reader[] = [
  { name: 'orders', path: '/v1/orders?limit=50', seen: ({ orders }) => [orders.length, newest(orders)] },
  {
    name: 'trains',
    path: `/v1/trains?from=ST0&to=ST2&date=${RUN_DATE}`,
    seen: ({ position, trains }) => [position, trains.length],
  },
  {
    name: 'free seats',
    path: `/v1/trains/G900/runs/${RUN_DATE}/availability?from=ST0&to=ST2`,
    seen: ({ position, classes }) => [position, held(classes)],
  },
  { name: 'stations', path: '/v1/stations?q=st1', seen: ({ stations }) => [stations.length] },
  {
    name: 'payments',
    path: '/v1/admin/payments?limit=100',
    role: 'operator',
    seen: ({ payments }) => [payments.length],
  },
  {
    name: 'searched orders',
    path: '/v1/admin/orders?limit=100',
    role: 'operator',
    seen: ({ orders }) => [orders.length, newest(orders)],
  },
  {
    name: 'the audit trail',
    path: '/v1/admin/audit?limit=1',
    role: 'operator',
    seen: ({ entries }) => [entries[0]?.position ?? 0],
  },
];

const newest = ([first]: readonly Json[]): number => (first === undefined ? 0 : Date.parse(first.requestedAt));
const held = (classes: readonly Json[]): number => classes.reduce((sum, one) => sum + one.held + one.sold, 0);

export class Readers {
  /** Answers so far, by reader. */
  readonly answers = new Map<string, number>();
  readonly #loops: readonly Promise<void>[];
  #isOver = false;
  #failure: unknown;

  /** `without`: names of readers that may be refused. */
  constructor(railway: ServedRailway, without: readonly string[] = []) {
    const asked = READERS.filter(({ name }) => !without.includes(name));
    this.#loops = asked.map((reader) =>
      this.#ask(railway, reader).catch((error: unknown) => {
        this.#failure ??= error;
      }),
    );
  }

  async #ask(railway: ServedRailway, { name, path, role, seen }: Reader): Promise<void> {
    const token = await railway.token(role === undefined ? 'alice' : 'olga', role === undefined ? {} : { role });
    let before: readonly number[] = [];
    while (!this.#isOver || (this.answers.get(name) ?? 0) < LEAST_ANSWERS) {
      const answer: Answer = await railway.ask(path, { token });
      expect([name, answer.status, answer.body.code]).toEqual([name, 200, undefined]);
      const now = seen(answer.body);
      const isOlder = now.some((count, index) => count < (before[index] ?? 0));
      expect([name, isOlder ? { before, now } : 'as new or newer']).toEqual([name, 'as new or newer']);
      before = now;
      this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
      await waitMs(ASKS_EVERY_MS);
    }
  }

  /** Throws what one of them met. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
    if (this.#failure !== undefined) throw this.#failure;
  }
}
