// The newest code reads every log that earlier code wrote, with the same meaning.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { UPCASTERS } from '@railhead/infra/composition/upcasters.ts';
import { liftWith } from '@railhead/infra/eventstore/upcasting-store.ts';
import { allIn } from '@railhead/projections/engine/read-databases.ts';
import { openModels } from '@railhead/projections/read-models.ts';
import { newReadDisk, openReadSide } from '../simulation/ports/sim-sql.ts';
import { anyLog } from '../support/read-side.ts';
import { type Meaning, meaningOf, parseHistory } from './history.ts';

const here = (name: string): URL => new URL(`./${name}`, import.meta.url);
const names = readdirSync(here('.'))
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.replace('.jsonl', ''));

test('there are stored histories, and together they have every kind of event of today', () => {
  const types = new Set(
    names.flatMap((name) => parseHistory(readFileSync(here(`${name}.jsonl`), 'utf8')).map(({ type }) => type)),
  );
  for (const type of ['SeatsWithdrawn', 'CoachesAdded', 'OrderOfferedStanding', 'SeatLockAborted', 'PaymentRefunded'])
    expect(types).toContain(type);
});

describe.each(names)('%s', (name) => {
  const events = parseHistory(readFileSync(here(`${name}.jsonl`), 'utf8')).map(liftWith(UPCASTERS));

  test('has the meaning that is stored with it', () => {
    // Written beside it.
    const meant = JSON.parse(readFileSync(here(`${name}.json`), 'utf8')) as Meaning;
    expect(meaningOf(events)).toMatchObject(meant);
  });

  test('is taken by every read model', async () => {
    const disk = await newReadDisk();
    try {
      for (const { projection: model } of Object.values(openModels(allIn(openReadSide(disk))))) {
        const own = events.filter(({ stream }) =>
          model.categories.some((category) => stream.startsWith(`${category}-`)),
        );
        await model.load(anyLog);
        await model.apply({ events: own, position: events.length, caughtUp: true });
        expect(await model.load(anyLog)).toBe(events.length);
      }
    } finally {
      disk.close();
    }
  });
});
