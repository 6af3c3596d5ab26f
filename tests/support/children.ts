// Processes that tests start. None outlives its test file: a test that ran into its time limit cannot end what it had
// started, or was still starting, and an open child keeps Jest from ending.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

const running = new Set<ChildProcess>();
let over = false;

/** A process of Node, killed at the end of the test file if it still runs then; at once if the file is done already. */
export const startChild = <Options extends SpawnOptions>(args: readonly string[], options: Options): ChildProcess => {
  const child = spawn(process.execPath, args, options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  if (over) child.kill('SIGKILL');
  return child;
};

/** Kills what still runs, and resolves when it is gone. Whatever is started afterwards is killed as well. */
export const endChildren = async (): Promise<void> => {
  over = true;
  const gone = [...running].map((child) => once(child, 'exit'));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(gone);
};

// Benchmarks start processes too, without Jest.
(globalThis as { readonly afterAll?: (end: () => Promise<void>) => void }).afterAll?.(endChildren);
