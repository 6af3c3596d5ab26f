// One flipped letter in the file of the log: `railhead verify` names it, also where the event can no longer be read.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, expect, test } from '@jest/globals';
import { logPath, SqliteEventStore } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';
import { newEvents } from '../support/events.ts';
import { railhead } from '../support/railhead-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const folder = join(tempFolder(), 'data');
beforeAll(async () => {
  const store = await SqliteEventStore.open({ folder });
  await store.append([{ stream: 'note-1', expected: 'any', events: newEvents(3) }]);
  await store.close();
});

const verified = async (sql: string) => {
  const db = new DatabaseSync(logPath(folder));
  db.exec(sql);
  db.close();
  const { code, stdout } = await railhead('verify', '--data', folder, '--json');
  return { code, violations: JSON.parse(stdout).violations };
};
const differs = { code: 'EVENT_ALTERED', detail: 'position 2: Tested of note-1 is not what was written there' };

test('an event put in at the end is named, and doctor says so; the checksums are counted', async () => {
  const forged = `INSERT INTO events SELECT 4, stream, 3, '0', 'Forged', 1, data, meta FROM events WHERE position = 1`;
  expect(await verified(forged)).toEqual({
    code: 1,
    violations: [
      {
        code: 'EVENT_ALTERED',
        detail: 'position 4: Forged of note-1 has no checksum, and events before it have one',
      },
    ],
  });
  expect((await railhead('verify', '--data', folder)).stdout).toContain('3 of 4 events have checksums');
  const { code, stdout } = await railhead('doctor', '--data', folder, '--json');
  expect([code, JSON.parse(stdout).checks.find((check: { name: string }) => check.name === 'event log')]).toEqual([
    1,
    { name: 'event log', state: 'wrong', detail: expect.stringContaining('from position 4 on, have no checksum') },
  ]);
  await verified('DELETE FROM events WHERE position = 4');
});

test('is named, and the rest of the log is proved', async () => {
  expect(await verified('')).toEqual({ code: 0, violations: [] });
  const flipped = `UPDATE events SET id = replace(id, '-', 'x') WHERE position = 2`;
  expect(await verified(flipped)).toEqual({ code: 1, violations: [differs] });
  expect(await verified(`UPDATE events SET data = '{' WHERE position = 2`)).toEqual({
    code: 1,
    violations: [
      differs,
      { code: 'EVENT_ALTERED', detail: 'the log cannot be read on: event at position 2 is not JSON' },
    ],
  });
});
