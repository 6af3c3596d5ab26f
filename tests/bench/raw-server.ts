// The reference of everything that goes through HTTP: a server that parses JSON and answers JSON of the same size.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../support/seeded-random.ts';
import { closedLoop, type Load, openLoop, type RequestOf } from './http-load.ts';

const RAW_SERVER = fileURLToPath(new URL('raw-http-server.ts', import.meta.url));
const WARM_UP_SECONDS = 1;

export type RawServer = { readonly most: Load; readonly paced: Load };

/** The reference under the same loads: as much as it takes, and the same rate. */
export const rawServer = async (measure: {
  readonly request: Buffer;
  readonly answer: string;
  readonly perSecond: number;
  readonly connections: number;
  readonly seconds: number;
}): Promise<RawServer> => {
  const { request, answer, perSecond, connections, seconds } = measure;
  const child = spawn(process.execPath, [RAW_SERVER, answer], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const lines = createInterface(child.stdout);
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('the raw server ended')));
    ended.catch(() => {});
    const [line] = await Promise.race([once(lines, 'line'), ended]);
    const target = { port: Number(line), connections };
    const during = (length: number): RequestOf => {
      const until = Date.now() + length * 1_000;
      return () => (Date.now() < until ? request : undefined);
    };
    await closedLoop(target, during(WARM_UP_SECONDS));
    const most = await closedLoop(target, during(seconds));
    const paced = await openLoop({ ...target, perSecond, next: seededRandom(4).next }, during(seconds));
    return { most, paced };
  } finally {
    child.kill('SIGKILL');
  }
};
