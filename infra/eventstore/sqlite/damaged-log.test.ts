// A log file with damaged pages: whoever reads them is told what it is, and so is whoever opens the log.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { codeOf } from '@railhead/tests/support/code-of.ts';
import { newEvents } from '@railhead/tests/support/events.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { LogReader } from './log-reader.ts';
import { logPath, SqliteEventStore } from './sqlite-event-store.ts';

const root = tempFolder();

const everything = async (folder: string): Promise<readonly RecordedEvent[]> => {
  const reader = new LogReader(folder);
  try {
    const events: RecordedEvent[] = [];
    for await (const event of reader.all({ after: 0 })) events.push(event);
    return events;
  } finally {
    reader.close();
  }
};

test.each([
  ['at its beginning', 0.02, 0.1],
  ['in its middle', 0.4, 0.6],
  ['at its end', 0.9, 1],
])('pages damaged %s are damage, and no fault of the program', async (where, from, to) => {
  const folder = join(root, where);
  const store = await SqliteEventStore.open({ folder });
  for (let n = 0; n < 20; n += 1)
    await store.append([{ stream: `a-${n}`, expected: 'noStream', events: newEvents(100) }]);
  await store.close();
  // A copy of the one file is the log.
  expect(existsSync(`${logPath(folder)}-wal`)).toBe(false);
  expect(await everything(folder)).toHaveLength(2_000);
  const bytes = readFileSync(logPath(folder));
  bytes.fill(0xff, Math.floor(bytes.length * from), Math.floor(bytes.length * to));
  writeFileSync(logPath(folder), bytes);
  expect(await codeOf(everything(folder))).toBe('STORE_CORRUPT');
  const served = async (): Promise<void> => {
    const again = await SqliteEventStore.open({ folder });
    try {
      for (let n = 0; n < 20; n += 1) await again.readStream(`a-${n}`);
      for (let after = 0; ; ) {
        const page = await again.readAll({ after, limit: 1_000 });
        if (page.caughtUp) return;
        after = page.position;
      }
    } finally {
      await again.close();
    }
  };
  expect(await codeOf(served())).toBe('STORE_CORRUPT');
});
