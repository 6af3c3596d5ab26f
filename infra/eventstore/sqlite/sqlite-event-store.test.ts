import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { eventStoreContract } from '@railhead/tests/contract/event-store.contract.ts';
import { newEvent, newEvents } from '@railhead/tests/support/events.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { logPath, SqliteEventStore } from './sqlite-event-store.ts';

const root = tempFolder();
let folders = 0;
const nextFolder = (): string => {
  folders += 1;
  return join(root, String(folders));
};
const lastFolder = (): string => join(root, String(folders));

eventStoreContract('SQLite', {
  open: () => SqliteEventStore.open({ folder: nextFolder() }),
  reopen: () => SqliteEventStore.open({ folder: lastFolder() }),
});
// With so little in memory, nearly everything is read from the file.
eventStoreContract('SQLite with small limits', {
  open: () =>
    SqliteEventStore.open({ folder: nextFolder(), limits: { tailEvents: 5, maxHeads: 2, maxEventsPerCommit: 4 } }),
});
eventStoreContract('SQLite, one stream at a time', {
  open: () => SqliteEventStore.open({ folder: nextFolder(), atomicStreams: false }),
});

describe('SQLite event store', () => {
  test('a second owner of the folder is refused, until the first has closed it', async () => {
    const folder = nextFolder();
    const first = await SqliteEventStore.open({ folder });
    await expect(SqliteEventStore.open({ folder })).rejects.toMatchObject({ code: 'STORE_IN_USE' });
    await first.close();
    const second = await SqliteEventStore.open({ folder });
    await second.close();
  });

  test('a log of a newer format, or a file that is no log, is not touched', async () => {
    const folder = nextFolder();
    await (await SqliteEventStore.open({ folder })).close();
    const db = new DatabaseSync(logPath(folder));
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(SqliteEventStore.open({ folder })).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
    const other = new DatabaseSync(logPath(folder));
    other.exec('PRAGMA user_version = 1; PRAGMA application_id = 1');
    other.close();
    await expect(SqliteEventStore.open({ folder })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  test('when the disk is full the append fails as a whole, and earlier events stay', async () => {
    const folder = nextFolder();
    const store = await SqliteEventStore.open({ folder, maxBytes: 400_000 });
    const [first] = await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(10) }]);
    expect(first?.ok).toBe(true);
    const large = store.append(
      [
        { stream: 'b-1', expected: 'noStream', events: newEvents(1) },
        { stream: 'a-1', expected: 9, events: [newEvent('x'.repeat(500_000))] },
      ],
      { atomic: true },
    );
    await expect(large).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(await store.readStream('a-1')).toHaveLength(10);
    expect(await store.readStream('b-1')).toEqual([]);
    const [later] = await store.append([{ stream: 'a-1', expected: 9, events: newEvents(1) }]);
    expect(later).toMatchObject({ ok: true, revision: 10 });
    await store.close();
  });

  test('kill -9 during load loses nothing that was acknowledged', async () => {
    const folder = nextFolder();
    const script = fileURLToPath(new URL('../../../tests/support/append-until-killed.ts', import.meta.url));
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const acknowledged: string[] = [];
    let partial = '';
    await new Promise<void>((resolve, reject) => {
      child.once('exit', resolve);
      child.once('error', reject);
      child.stdout.on('data', (chunk: Buffer) => {
        const lines = (partial + chunk.toString()).split('\n');
        partial = lines.pop() ?? '';
        acknowledged.push(...lines);
        if (acknowledged.length >= 2_000) child.kill('SIGKILL');
      });
    });
    expect(acknowledged.length).toBeGreaterThanOrEqual(2_000);
    const store = await SqliteEventStore.open({ folder });
    const written = await store.readAll({ after: 0, limit: 10_000_000 });
    const ids = new Set(written.events.map((event) => event.id));
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    const perStream = Map.groupBy(written.events, (event) => event.stream);
    for (const events of perStream.values()) {
      expect(events.every((event, index) => event.revision === index)).toBe(true);
      expect(events.length % 3).toBe(0);
    }
    await store.close();
  });
});
