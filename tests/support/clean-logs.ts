// Logs without a defect and without pending work: the stored histories, and simulated days.
import { readdirSync, readFileSync } from 'node:fs';
import { type AuditReport, LogAudit } from '@railhead/commands/audit/log-audit.ts';
import { UPCASTERS } from '@railhead/infra/composition/upcasters.ts';
import { liftWith } from '@railhead/infra/eventstore/upcasting-store.ts';
import { parseHistory } from '../histories/history.ts';
import { live } from '../simulation/live.ts';
import { planOf } from '../simulation/plan-of.ts';
import { World } from '../simulation/world/world.ts';
import type { Log } from './broken-log.ts';

export const audited = (log: Log): AuditReport => {
  const audit = new LogAudit();
  for (const event of log) audit.add(event);
  return audit.report();
};

/**
 * Nothing is pending: all orders have ended, all money bought a ticket or was refunded. What is reserved for an order that
 * never came stays until somebody meets it.
 */
export const isAtRest = ({ orders, pending, money }: AuditReport): boolean =>
  Object.keys(orders).every((status) => status === 'SUCCESS' || status === 'CLOSED') &&
  pending.releases + pending.uncommittedHolds + pending.cancellations === 0 &&
  pending.refunds + pending.changes + money.inFlightFen === 0 &&
  pending.reservations + pending.waitlists === 0;

export const storedHistories = (): readonly Log[] => {
  const folder = new URL('../histories/', import.meta.url);
  const lift = liftWith(UPCASTERS);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => parseHistory(readFileSync(new URL(name, folder), 'utf8')).map(lift));
};

/** `ends`: positions at which a commit ended. */
export type Day = { readonly log: Log; readonly ends: readonly number[] };

export const simulatedDay = async (seed: number): Promise<Day> => {
  const plan = planOf(seed);
  // The audit reports an event of a newer version, so a clean log has none.
  const world = new World({ ...plan, faults: { ...plan.faults, strangeEvent: 0 } });
  try {
    await live(world);
    return { log: [...world.log.events], ends: [...world.log.ends] };
  } finally {
    world.close();
  }
};
