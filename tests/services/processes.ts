// Trees of processes, by their ids: which there are, and signals to all of one. A server such as PostgreSQL has children
// in sessions of their own, so its process group is not enough.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { waitUntil } from '../support/wait-until.ts';

/** An id is used again for another process later on; together with the start it is not. */
export type ProcessId = { readonly pid: number; readonly startedAt: string };

export type Seen = ProcessId & { readonly parent: number; readonly state: string };

const ofLinux = (pid: string): Seen | undefined => {
  try {
    // After the name in parentheses: the state is the 3rd field, the parent the 4th, the number of threads the 20th, the
    // start the 22nd.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [state = '', parent, startedAt = ''] = [fields[0], fields[1], fields[19]];
    // The first thread may have ended before the others, which still hold the ports.
    const threads = Number(fields[17]);
    return {
      pid: Number(pid),
      state: threads > 1 && state === 'Z' ? 'ending' : state,
      parent: Number(parent),
      startedAt,
    };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
};

const ofPs = (line: string): Seen => {
  const [pid, parent, state = '', ...startedAt] = line.trim().split(/\s+/);
  return { pid: Number(pid), parent: Number(parent), state: state.slice(0, 1), startedAt: startedAt.join(' ') };
};

/** Those that have not ended: a zombie holds neither ports nor memory. */
const running = (): readonly Seen[] => {
  const all = existsSync('/proc/self/stat')
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((pid) => ofLinux(pid) ?? [])
    : execFileSync('ps', ['-A', '-o', 'pid=,ppid=,state=,lstart='], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map(ofPs);
  return all.filter(({ state }) => state !== 'Z' && state !== 'X');
};

const same = (a: ProcessId, b: ProcessId): boolean => a.pid === b.pid && a.startedAt === b.startedAt;

const find = (process: ProcessId): Seen | undefined => running().find((seen) => same(seen, process));

export const isRunning = (process: ProcessId): boolean => find(process) !== undefined;

/** Undefined if there is none, or none any more. */
export const processOf = (pid: number): ProcessId | undefined => {
  const seen = running().find((candidate) => candidate.pid === pid);
  return seen && { pid, startedAt: seen.startedAt };
};

/** The process first, then its children and theirs; nothing if it has ended. */
export const treeOf = (root: ProcessId): readonly Seen[] => {
  const all = running();
  const tree = all.filter((seen) => same(seen, root));
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
};

export const signal = ({ pid }: ProcessId, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Safe cast: what process.kill throws. It has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

const STOPPED = 'T';

/** Stops the whole tree where it is (SIGSTOP), parents first, so that none starts another; resolves when none runs. */
export const pauseTree = async (root: ProcessId): Promise<readonly ProcessId[]> => {
  let tree: readonly Seen[] = [];
  await waitUntil(`process ${root.pid} and its children to be paused`, () => {
    tree = treeOf(root);
    const moving = tree.filter(({ state }) => state !== STOPPED);
    for (const one of moving) signal(one, 'SIGSTOP');
    return moving.length === 0;
  });
  return tree;
};

export const resumeTree = (root: ProcessId): void => {
  for (const one of treeOf(root)) signal(one, 'SIGCONT');
};

/** kill -9 of the whole tree at one moment; resolves when all have ended. */
export const killTree = async (root: ProcessId): Promise<void> => {
  const tree = await pauseTree(root);
  for (const one of tree) signal(one, 'SIGKILL');
  await waitUntil(`process ${root.pid} and its children to be gone`, () => !tree.some(isRunning));
};

/** Asks the process to end by `name`; kills what still runs after `limitMs`. Resolves when all have ended. */
export const endTree = async (root: ProcessId, name: NodeJS.Signals, limitMs: number): Promise<void> => {
  const tree = treeOf(root);
  for (const one of tree.slice(0, 1)) signal(one, name);
  for (const one of tree) signal(one, 'SIGCONT');
  const gone = (): boolean => !tree.some(isRunning);
  await waitUntil('a process to end', gone, limitMs).catch(async () => {
    for (const one of tree) await killTree(one);
  });
};
