import { expect, test } from '@jest/globals';
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent, testMeta } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import { seededRandom } from '@railhead/tests/support/seeded-random.ts';
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
  const pool = new AllocatorPool(
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
