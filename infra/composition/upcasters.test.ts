import { expect, test } from '@jest/globals';
import { newEvent } from '@railhead/tests/support/events.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import { liftWith } from '../eventstore/upcasting-store.ts';
import { UPCASTERS } from './upcasters.ts';

test.each(['+08:00', '-03:30', '+00:00'])(
  'a run opened before runs had a zone keeps the offset %s it was sold with',
  (offset) => {
    const { zone: _, ...data } = openedRun();
    const written = newEvent(data, 'TrainRunOpened');
    const event = { ...written, meta: { ...written.meta, at: `2026-11-21T08:00:00.000${offset}` } };
    const lifted = liftWith(UPCASTERS)({ ...event, stream: 'trainRun-G1_2026-12-01', revision: 0, position: 1 });
    expect(lifted).toMatchObject({ version: 2, data: { ...data, zone: offset } });
  },
);
