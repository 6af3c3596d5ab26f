// A process that appends to an embedded log and prints each acknowledged event id, until somebody kills it.
import { randomUUID } from 'node:crypto';
import { SqliteEventStore } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('usage: append-until-killed FOLDER');
const store = await SqliteEventStore.open({ folder });
const meta = { commandId: 'c', correlationId: 'c', causationId: 'c', actor: 'load', at: '2026-11-21T08:00:00Z' };

const writer = async (name: string): Promise<never> => {
  for (let revision = -1; ; revision += 3) {
    const events = [1, 2, 3].map((n) => ({ id: randomUUID(), type: 'Tested', version: 1, data: { n }, meta }));
    const [result] = await store.append([
      { stream: `load-${name}`, expected: revision < 0 ? 'noStream' : revision, events },
    ]);
    if (result?.ok !== true) throw new Error(`append refused: ${JSON.stringify(result)}`);
    process.stdout.write(events.map((event) => `${event.id}\n`).join(''));
  }
};
await Promise.all(Array.from({ length: 8 }, (_, n) => writer(String(n))));
