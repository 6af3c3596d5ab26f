import { expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { NO_ALLOCATORS } from '@railhead/tests/support/no-allocators.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { livesOf, statusAfter, writeOrder } from '@railhead/tests/support/order-life.ts';
import { loadOrder } from '../../orders/load-order.ts';
import { untracked } from '../../orders/tracked-order.ts';
import type { OrderStepDeps } from '../order-step.ts';
import { issueTickets } from './issue-tickets.ts';

const DEPARTS = '2026-12-01T10:00:00+08:00';
const stops = stopsOf('A', 'B').map((stop, seq) => ({ ...stop, departs: 600 + seq }));

/** What is written last of an order that is paid, this long before its train leaves; nothing where seats are asked for. */
const lastOf = async (life: number, beforeMs: number): Promise<string | undefined> => {
  const store = new MemoryEventStore();
  await writeOrder(store, 'N1', livesOf('N1')[life] ?? []);
  const { order, revision } = await loadOrder(store, 'N1');
  let isAsked = false;
  const pool = {
    ...NO_ALLOCATORS,
    submit: async () => {
      isAsked = true;
      return { ok: false as const, refusal: { code: 'CONTENDED' as const, detail: 'asked' } };
    },
  };
  const runs = { find: async () => openedRun({ stops }) };
  const clock = new ManualClock(Date.parse(DEPARTS) - beforeMs);
  // Nothing else is asked.
  const deps = { store, pool, runs, clock } as unknown as OrderStepDeps;
  await issueTickets.run({ key: '', current: () => ({ ...untracked, order, revision }), deps });
  return isAsked ? undefined : (await store.readStream('order-N1')).at(-1)?.type;
};

const [PAID, TICKETING] = ['PAID', 'TICKETING'].map((status) =>
  livesOf('N1').findIndex((events) => statusAfter(events) === status),
);

test.each([
  ['paid', PAID, 1, undefined],
  ['paid', PAID, 0, 'OrderTicketingFailed'],
  ['paid', PAID, -3_600_000, 'OrderTicketingFailed'],
  ['being ticketed', TICKETING, 1, undefined],
  ['being ticketed', TICKETING, 0, 'OrderTicketingFailed'],
])('an order that is %s (%#), %i ms before its train leaves: %j', async (_, life = -1, beforeMs, last) => {
  expect(await lastOf(life, beforeMs)).toBe(last);
});
