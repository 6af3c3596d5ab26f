import { expect, test } from '@jest/globals';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent, testMeta } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { GuidedStore } from '@railhead/tests/support/guided-store.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import { seededRandom } from '@railhead/tests/support/seeded-random.ts';
import type { EventStore } from '../ports/event-store.ts';
import { RunDirectory } from '../runs/run-directory.ts';
import { AllocatorPool } from './allocator-pool.ts';
import { bestFitOnly } from './selling-rules.ts';

const coach = (number: string, standing: number): Coach => ({
  coach: number,
  seatClass: 'second',
  layout: { kind: 'rows', rows: 1, letters: 'A' },
  ...(standing > 0 ? { standing } : {}),
});
const run = { train: 'G1', date: '2026-12-01' };
const opened: TrainRunEvent = {
  type: 'TrainRunOpened',
  version: 2,
  data: openedRun({ ...run, composition: [coach('01', 0)] }),
};

const poolOn = (store: EventStore): AllocatorPool =>
  new AllocatorPool(
    {
      store,
      rules: bestFitOnly,
      clock: realClock,
      random: seededRandom(1),
      owner: 'one',
      onSaleStopped: (_, detail) => {
        throw new Error(detail);
      },
    },
    new RunDirectory(store),
  );

test('a class that coaches brought is sold also by who remembers the run without it', async () => {
  const store = new MemoryEventStore();
  const write = ({ type, data }: TrainRunEvent) =>
    store.append([
      {
        stream: runCategory.stream({ train: run.train, date: run.date }),
        expected: 'any',
        events: [newEvent(data, type)],
      },
    ]);
  const pool = poolOn(store);
  const stand = (orderNo: string) =>
    pool.submit(
      { ...run, seatClass: 'standing' },
      { kind: 'hold', orderNo, from: 0, to: 1, wants: [undefined], meta: testMeta(orderNo) },
    );
  await write(opened);
  expect(await stand('N1')).toMatchObject({ ok: false, refusal: { code: 'SALE_STOPPED' } });
  await write({ type: 'CoachesAdded', version: 1, data: { coaches: [coach('02', 1)] } });
  expect(await stand('N2')).toMatchObject({ ok: true });
  expect(await stand('N3')).toMatchObject({ ok: false, refusal: { code: 'SOLD_OUT' } });
});

test('four thousand classes stay open, then the oldest that has nothing to do is closed for a new one', async () => {
  const store = new GuidedStore();
  const event = newEvent(opened.data, opened.type);
  const trains = Array.from({ length: 4_002 }, (_, n) => `T${n}`);
  await store.append(
    trains.map((train) => ({
      stream: runCategory.stream({ train, date: run.date }),
      expected: 'noStream',
      events: [event],
    })),
  );
  const pool = poolOn(store);
  const key = (train: string) => ({ train, date: run.date, seatClass: 'second' }) as const;
  const ask = (train: string) => pool.submit(key(train), { kind: 'release', orderNo: 'N1', meta: testMeta() });
  /** A class is opened in its book. */
  const openings = async (train: string): Promise<number> =>
    (await store.inner.readStream(lockBookCategory.stream(key(train)))).filter(({ type }) => type === 'BookOpened')
      .length;
  const opens = async (train: string): Promise<boolean> => {
    const before = await openings(train);
    await ask(train);
    return (await openings(train)) > before;
  };

  for (const train of trains.slice(0, 4_000)) await ask(train);
  // The oldest is busy: what it writes is held back.
  store.appends.shut((appends) => appends.some(({ stream }) => stream.includes('T0_')));
  const busy = pool.submit(key('T0'), {
    kind: 'hold',
    orderNo: 'N2',
    from: 0,
    to: 1,
    wants: [undefined],
    meta: testMeta(),
  });
  expect(await opens('T1')).toBe(false);
  expect(await opens('T4000')).toBe(true);
  store.appends.open();
  expect(await busy).toMatchObject({ ok: true });
  for (const train of ['T0', 'T2', 'T4000']) expect([train, await opens(train)]).toEqual([train, false]);
  // Opened again, it takes the place of the oldest that has nothing to do.
  expect(await opens('T1')).toBe(true);
  expect(await opens('T0')).toBe(false);
  expect(await opens('T2')).toBe(true);
});
