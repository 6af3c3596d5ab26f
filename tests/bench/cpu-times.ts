// Processor time of a process by its threads: the one that decides, those of the log's writers, and V8's helpers, which
// collect garbage and compile.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** In microseconds. */
export type CpuTimes = {
  readonly all: number;
  readonly main: number;
  readonly workers: number;
  readonly helpers: number;
};

const NANOS_A_MICRO = 1_000;

/** Undefined on machines without Linux's /proc. */
const timesOf = (pid: number): CpuTimes | undefined => {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(`${tasks}/${pid}/schedstat`)) return undefined;
  const times = { all: 0, main: 0, workers: 0, helpers: 0 };
  for (const task of readdirSync(tasks)) {
    const micros = Number(textOf(`${tasks}/${task}/schedstat`).split(' ')[0]) / NANOS_A_MICRO;
    times.all += micros;
    if (task === String(pid)) times.main += micros;
    else if (textOf(`${tasks}/${task}/comm`).trim() === 'WorkerThread') times.workers += micros;
    else times.helpers += micros;
  }
  return times;
};

/** Nothing for a thread that has just ended. */
const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Begins to measure a process; the function that it returns gives what it worked since. */
export const cpuSince = (pid: number): (() => CpuTimes | undefined) => {
  const before = timesOf(pid);
  return () => {
    const now = timesOf(pid);
    if (before === undefined || now === undefined) return undefined;
    return {
      all: now.all - before.all,
      main: now.main - before.main,
      workers: now.workers - before.workers,
      helpers: now.helpers - before.helpers,
    };
  };
};

/** As a result shows it. */
export const cpuDetails = (times: CpuTimes | undefined, orders: number): Readonly<Record<string, number | string>> => {
  if (times === undefined) return {};
  const each = (micros: number): number => Math.round(micros / Math.max(1, orders));
  const { all, main, workers, helpers } = times;
  return {
    cpuMicrosPerOrder: each(all),
    cpuByThread: `main ${each(main)}, log ${each(workers)}, V8 ${each(helpers)}`,
  };
};
