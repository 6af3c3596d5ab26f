// How much memory a process needs at most that rebuilds a model from a long log, into memory and into SQLite: each in a
// process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from './benchmark.ts';
import { writeLongLog } from './long-log.ts';

/** Ten million with `--seconds 200`. The log of so many takes 3.4 GB. */
const EVENTS_PER_SECOND = 50_000;
const REBUILD = fileURLToPath(new URL('./rebuild-once.ts', import.meta.url));
const MB = 1024 * 1024;

export const replayMemory: Benchmark = {
  name: 'replay-memory',
  about: `peak memory of a process that rebuilds a model from a log on disk, of ${EVENTS_PER_SECOND.toLocaleString('en')} events for each of --seconds`,
  async *run({ seconds }) {
    const folder = mkdtempSync(join(tmpdir(), 'railhead-bench-'));
    try {
      await writeLongLog(folder, Math.round(seconds * EVENTS_PER_SECOND));
      for (const into of ['memory', 'SQLite']) {
        const { events, eventsPerSecond, beforeBytes, peakBytes, heapBytes } = await rebuilt(folder, into);
        const [value, before] = [peakBytes / MB, beforeBytes / MB];
        yield {
          name: `replay-memory/${into}`,
          value,
          unit: 'MiB at most',
          references: [{ name: 'before it began', value: before, ratio: value / before }],
          details: { events, eventsPerSecond: Math.round(eventsPerSecond), heapMiB: Math.round(heapBytes / MB) },
        };
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

type Rebuilt = Readonly<Record<'events' | 'eventsPerSecond' | 'beforeBytes' | 'peakBytes' | 'heapBytes', number>>;

const rebuilt = async (folder: string, into: string): Promise<Rebuilt> => {
  const child = spawn(process.execPath, [REBUILD, folder, into], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`the rebuild ended with ${code}`);
    // Safe cast: printed by `rebuild-once.ts`.
    return JSON.parse(text) as Rebuilt;
  } finally {
    child.kill('SIGKILL');
  }
};
