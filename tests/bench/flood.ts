// A flood, in a process of its own so that whoever is measured beside it is not slowed down by making it. Reads its plan
// as a line of JSON, prints `flowing` when its connections are open, and goes on until its standard input ends.
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './http-load.ts';

export type FloodPlan = {
  readonly port: number;
  readonly connections: number;
  /** Sent in turn. */
  readonly requests: readonly string[];
  /** Connections begin one after the other, so many a second; all at once if not given. */
  readonly perSecond?: number;
  /** Each connection sends one request, and no more once it is answered. */
  readonly once: boolean;
};

export type FloodReport = {
  readonly answers: Readonly<Record<string, number>>;
  /** Until the last answer. */
  readonly seconds: number;
};

const lines = createInterface(process.stdin);
const [line = '{}'] = await new Promise<readonly string[]>((resolve) => lines.once('line', (text) => resolve([text])));
// Written by `flooded`.
const { port, connections, requests, perSecond, once } = JSON.parse(line) as FloodPlan;
const bytes = requests.map((request) => Buffer.from(request));
const answers: Record<string, number> = {};
let ended = false;
lines.once('close', () => {
  ended = true;
});

const open: Connection[] = [];
for (let n = 0; n < connections; n += 1) open.push(await Connection.open(port));
process.stdout.write('flowing\n');
const began = performance.now();
let lastMs = began;
let sent = 0;
const flow = async (connection: Connection, n: number): Promise<void> => {
  if (perSecond !== undefined) await sleep((n * 1_000) / perSecond);
  while (!ended) {
    const request = bytes[sent % bytes.length] ?? Buffer.alloc(0);
    sent += 1;
    const { status } = await connection.send(request);
    answers[status] = (answers[status] ?? 0) + 1;
    lastMs = performance.now();
    if (once) return;
  }
};
const count = (code: string): void => {
  answers[code] = (answers[code] ?? 0) + 1;
};
const flows = open.map((connection, n) =>
  flow(connection, n).catch((error: unknown) =>
    count(ended ? 'unanswered' : error instanceof Error ? error.message : ''),
  ),
);
while (!ended) await sleep(10);
await Promise.race([Promise.all(flows), sleep(2_000)]);
for (const connection of open) connection.close();
const report: FloodReport = { answers, seconds: (lastMs - began) / 1_000 };
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit());
