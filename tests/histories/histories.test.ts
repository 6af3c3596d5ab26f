// The newest code reads every log that earlier code wrote, with the same meaning.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { allIn } from '@railhead/projections/engine/read-databases.ts';
import { newReadDisk, openReadSide } from '../simulation/ports/sim-sql.ts';
import { openModels } from '../support/open-models.ts';
import { anyLog } from '../support/read-side.ts';
import { eventsOfHistory, HISTORIES } from '../support/stored-histories.ts';
import { type Meaning, meaningOf } from './history.ts';

const here = (name: string): URL => new URL(`./${name}`, import.meta.url);

test('there are stored histories, and together they have every kind of event of today', () => {
  const types = new Set(HISTORIES.flatMap((name) => eventsOfHistory(name).map(({ type }) => type)));
  for (const type of ['SeatsWithdrawn', 'CoachesAdded', 'OrderOfferedStanding', 'SeatLockAborted', 'PaymentRefunded'])
    expect(types).toContain(type);
});

describe.each(HISTORIES)('%s', (name) => {
  const events = eventsOfHistory(name);

  test('has the meaning that is stored with it', () => {
    // Written beside it.
    const meant = JSON.parse(readFileSync(here(`${name}.json`), 'utf8')) as Meaning;
    expect(meaningOf(events)).toMatchObject(meant);
  });

  test('is taken by every read model', async () => {
    const disk = await newReadDisk();
    try {
      for (const { projection: model } of Object.values(openModels(allIn(openReadSide(disk))))) {
        const { categories } = model;
        const own =
          categories === undefined
            ? events
            : events.filter(({ stream }) => categories.some((category) => stream.startsWith(`${category}-`)));
        await model.load(anyLog);
        await model.apply({ events: own, position: events.length, caughtUp: true });
        // Who has nothing to write saves its place now and then only.
        expect(await model.load(anyLog)).toBe(own.length === 0 ? 0 : events.length);
      }
    } finally {
      disk.close();
    }
  });
});
