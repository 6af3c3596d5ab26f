// Ten thousand people watch their places by event streams while the queue goes on: what that takes of the server's time, and
// how soon they hear.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RailheadProcess } from '../support/railhead-process.ts';
import { ask, runDate, tokenFor } from '../support/shopper.ts';
import type { BenchResult } from './benchmark.ts';
import { cpuSince } from './cpu-times.ts';
import { Connection, getRequest, postRequest } from './http-load.ts';
import { writeRailway } from './http-railway.ts';
import { trainName } from './world.ts';

/** With less time than this there are fewer, in proportion. */
const FULL_SECONDS = 10;
const LISTENERS = 10_000;
const CONNECTIONS = 32;
const RATE = 20;

export const listeners = async (seconds: number): Promise<BenchResult> => {
  const root = mkdtempSync(join(tmpdir(), 'railhead-bench-queue-'));
  const count = Math.ceil(LISTENERS * Math.min(1, seconds / FULL_SECONDS));
  let server: RailheadProcess | undefined;
  const sockets: Socket[] = [];
  try {
    const folder = join(root, 'data');
    server = await RailheadProcess.start(folder, writeRailway(root), { RAILHEAD_QUEUE_FIRST: '0' });
    const run = { train: trainName(0), date: runDate(2) };
    const operator = await tokenFor(folder, 'olga', 'operator');
    const mode = (body: object) =>
      ask(`${server?.url}/v1/admin/runs/${run.train}/${run.date}/queue`, { token: operator, body });
    await mode({ mode: 'PAUSED' });
    const port = Number(new URL(server.url).port);
    const tokens = await joined(folder, port, run, count);
    let events = 0;
    for (const token of tokens) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        for (let at = chunk.indexOf('event:'); at >= 0; at = chunk.indexOf('event:', at + 1)) events += 1;
      });
      socket.write(getRequest(`/v1/queue/${token}/events`));
      sockets.push(socket);
    }
    while (events < tokens.length) await new Promise((resolve) => setTimeout(resolve, 100));
    await mode({ mode: 'QUEUED', ratePerSecond: RATE });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const cpu = cpuSince(server.pid ?? 0);
    const [began, before] = [performance.now(), events];
    await new Promise((resolve) => setTimeout(resolve, Math.max(3_000, seconds * 1_000)));
    const passed = (performance.now() - began) / 1_000;
    const times = cpu();
    return {
      name: 'queue/listeners',
      value: (events - before) / passed,
      unit: 'events/s',
      references: [
        {
          name: 'one event a second for each',
          value: tokens.length,
          ratio: (events - before) / passed / tokens.length,
        },
      ],
      details: {
        listeners: tokens.length,
        cores: times === undefined ? 'unknown' : Number((times.all / 1e6 / passed).toFixed(2)),
        mainThread: times === undefined ? 'unknown' : Number((times.main / 1e6 / passed).toFixed(2)),
        residentMb: server.residentMb() ?? 0,
      },
    };
  } finally {
    for (const socket of sockets) socket.destroy();
    await server?.kill();
    rmSync(root, { recursive: true, force: true });
  }
};

const joined = async (
  folder: string,
  port: number,
  run: { readonly train: string; readonly date: string },
  count: number,
): Promise<readonly string[]> => {
  const tokens: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const connection = await Connection.open(port);
    while (next < count) {
      next += 1;
      const token = await tokenFor(folder, `listener${next}`);
      const { status, body } = await connection.send(
        postRequest('/v1/queue', [`Authorization: Bearer ${token}`], JSON.stringify(run)),
      );
      if (status !== 201) throw new Error(`a listener could not join: ${body.toString()}`);
      const answer = JSON.parse(body.toString()) as { readonly queueToken: string }; // of a 201
      tokens.push(answer.queueToken);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return tokens;
};
