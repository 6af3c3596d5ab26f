// A server installed on this machine that sells by other means, started for one measurement and ended with it.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

/** `name` says what is measured; `skipped` why it is not. */
export type OtherServer = { readonly name: string } & (
  | { readonly ordersPerSecond: number }
  | { readonly skipped: string }
);

export type Identity = { readonly uid?: number; readonly gid?: number };

const STOP_LIMIT_MS = 10_000;
const START_LIMIT_MS = 15_000;
const POLL_MS = 50;

export const run = async (
  file: string,
  args: readonly string[],
  identity: Identity,
  limitMs: number,
): Promise<string> => {
  const { stdout } = await promisify(execFile)(file, args, { ...identity, timeout: limitMs, cwd: '/' });
  return stdout;
};

/** Runs `work` beside the server once `isReady`; the server is ended, and waited for, whatever happens. */
export const withServer = async <Value>(
  start: { readonly file: string; readonly args: readonly string[]; readonly identity: Identity },
  isReady: () => Promise<unknown>,
  work: () => Promise<Value>,
): Promise<Value> => {
  const child = spawn(start.file, start.args, { ...start.identity, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk.toString()}`.slice(-2_000);
  });
  const ended = once(child, 'exit').then(
    () => Promise.reject(new Error(`${start.file} ended: ${stderr}`)),
    (error: unknown) => Promise.reject(error),
  );
  ended.catch(() => {});
  try {
    await Promise.race([ready(isReady), ended]);
    return await Promise.race([work(), ended]);
  } finally {
    await end(child);
  }
};

const ready = async (isReady: () => Promise<unknown>): Promise<void> => {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await isReady();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
};

/** By its id: asked first, then made to. */
const end = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGINT');
  const impatient = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await gone;
  clearTimeout(impatient);
};
