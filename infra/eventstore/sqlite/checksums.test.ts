// A log that was changed behind the program's back: what was changed is named, and nothing else.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { newEvents } from '@railhead/tests/support/events.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { LogReader } from './log-reader.ts';
import { logPath, SqliteEventStore } from './sqlite-event-store.ts';

const root = tempFolder();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'data-'));
});

const written = async (work: (store: SqliteEventStore) => Promise<unknown>): Promise<void> => {
  const store = await SqliteEventStore.open({ folder });
  await work(store);
  await store.close();
};
const altered = (sql: string): readonly string[] => {
  const db = new DatabaseSync(logPath(folder));
  db.exec(sql);
  db.close();
  const reader = new LogReader(folder);
  try {
    return [...reader.alterations()];
  } finally {
    reader.close();
  }
};
const batch = (stream: string, count: number) => [
  { stream, expected: 'any' as const, events: newEvents(count) },
  { stream: `${stream}b`, expected: 'any' as const, events: newEvents(1) },
];

describe('a log of several commits', () => {
  beforeEach(() =>
    written(async (store) => {
      await store.append(batch('a-1', 3));
      await store.append(batch('a-2', 2), { atomic: true });
      // Nothing of this is written: the second stream is not as expected.
      const refused = batch('a-3', 2).map((append) => ({ ...append, expected: 9 }));
      expect((await store.append(refused, { atomic: true })).every(({ ok }) => !ok)).toBe(true);
      await Promise.all(Array.from({ length: 20 }, (_, n) => store.append(batch(`c-${n}`, 2))));
      const events = newEvents(1);
      const once = [{ stream: 'd-1', expected: 'any' as const, events }];
      for (let n = 0; n < 2; n += 1) await store.append(once);
    }),
  );

  test('is as it was written', () => {
    expect(altered('')).toEqual([]);
  });

  test.each([
    ['a letter of an event', `UPDATE events SET data = data || ' ' WHERE position = 6`, 'position 6: Tested of a-2 is'],
    [
      'who caused it',
      `UPDATE events SET meta = replace(meta, '"', '"x') WHERE position = 2`,
      'position 2: Tested of a-1 is',
    ],
    ['its type', `UPDATE events SET type = 'tested' WHERE position = 1`, 'position 1: tested of a-1 is'],
    ['its version', 'UPDATE events SET version = 2 WHERE position = 1', 'position 1: Tested of a-1 is'],
    ['its id', `UPDATE events SET id = lower(hex(randomblob(16))) WHERE position = 7`, 'position 7: Tested of a-2b is'],
    ['its stream', 'UPDATE events SET stream = 3, revision = 9 WHERE position = 1', 'position 1: Tested of a-2 is'],
    ['that it was there', 'DELETE FROM events WHERE position = 66', 'position 66 has no event'],
    [
      'what it is filed under',
      `UPDATE streams SET category = 'b' WHERE name = 'a-1'`,
      'stream a-1 is filed under the category b',
    ],
    ['the name of its stream', `UPDATE streams SET name = 'd-2' WHERE name = 'd-1'`, 'position 68: Tested of d-2 is'],
  ])('shows that somebody changed %s', (_, sql, detail) => {
    expect(altered(sql)).toEqual([expect.stringContaining(detail)]);
  });
});

test('a log that was begun without checksums has them from then on', async () => {
  await written((store) => store.append(batch('a-1', 2)));
  altered('DROP TABLE checksums');
  expect(altered(`UPDATE events SET type = 'Other' WHERE position = 1`)).toEqual([]);
  await written((store) => store.append(batch('a-2', 2)));
  expect(altered(`UPDATE events SET type = 'Other' WHERE position IN (2, 5)`)).toEqual([
    'position 5: Other of a-2 is not what was written there',
  ]);
});

const FORGED = (position: number): string =>
  `INSERT INTO events SELECT ${position}, stream, 900 + ${position}, lower(hex(randomblob(16))), 'Forged', 1, data, meta FROM events LIMIT 1`;
const checksummedOf = (): unknown => {
  const reader = new LogReader(folder);
  try {
    let told: unknown;
    for (const _ of reader.alterations((checksummed) => (told = checksummed)));
    return told;
  } finally {
    reader.close();
  }
};
const endOf = (): string | undefined => {
  const reader = new LogReader(folder);
  try {
    return reader.uncheckedEnd();
  } finally {
    reader.close();
  }
};

describe('an event that somebody put in', () => {
  beforeEach(() => written((store) => store.append(batch('a-1', 3))));

  test('at the end is named, and by whoever opens the log; still when the log has gone on', async () => {
    expect(endOf()).toBeUndefined();
    const named = 'position 5: Forged of a-1 has no checksum, and events before it have one';
    expect(altered(FORGED(5))).toEqual([named]);
    expect(endOf()).toBe('the last 1 events, from position 5 on, have no checksum: this program did not write them');
    await written((store) => store.append(batch('a-2', 3)));
    expect(altered('')).toEqual([named]);
    expect(checksummedOf()).toEqual({ events: 8, of: 9 });
  });

  test.each([0, -3])('at position %d, where nobody reads, is named', (position) => {
    expect(altered(FORGED(position))).toEqual([`position ${position}: Forged stands before the first position`]);
  });

  test('of a stream that is not there is named', () => {
    expect(altered(`DELETE FROM streams WHERE name = 'a-1b'`)).toContain('position 4: Tested is of no stream');
  });
});

test('checksums that are gone are counted; a gap between others is named', async () => {
  for (const stream of ['a-1', 'a-2', 'a-3']) await written((store) => store.append(batch(stream, 1)));
  expect(checksummedOf()).toEqual({ events: 6, of: 6 });
  expect(altered('DELETE FROM checksums WHERE first = 3')).toEqual([
    'position 3: Tested of a-2 has no checksum, and events before it have one',
    'position 4: Tested of a-2b has no checksum, and events before it have one',
  ]);
  expect(checksummedOf()).toEqual({ events: 4, of: 6 });
  expect(altered('DELETE FROM checksums')).toEqual([]);
  expect(checksummedOf()).toEqual({ events: 0, of: 6 });
});
