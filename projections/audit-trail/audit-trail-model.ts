// Who did what, and when: every event of the log without its data.
import { pagesOf } from '../engine/pages.ts';
import { sqlModel } from '../engine/sql-model.ts';
import type { ModelWriter, SqlHandler } from '../engine/sql-projection.ts';
import { AuditTrailQueries } from './audit-trail-queries.ts';
import { type AuditTrailTables, auditTrailTables } from './audit-trail-tables.ts';
import { type Minute, minutesOf } from './minutes.ts';

const auditTrailHandler = (): SqlHandler<AuditTrailTables> => {
  let newest: Minute | undefined;
  return async (writer, { events }) => {
    const times = events.map(({ position, meta }) => ({
      position,
      // Whoever else writes to the log may write no instant.
      atMs: Date.parse(meta.at) || 0,
    }));
    await writer.upsert(
      'audit_trail',
      events.map(({ position, stream, type, meta }, index) => ({
        position,
        at: writer.dialect.toInstant(times[index]?.atMs ?? 0),
        actor: meta.actor,
        stream,
        type,
      })),
    );
    const minutes = minutesOf(times);
    // Nearly all events are of the minute that the last ones were of.
    const [only] = minutes;
    const known = minutes.length === 1 && only?.minute === newest?.minute ? newest : undefined;
    const before = known === undefined ? await storedMinutes(writer, minutes) : [known];
    const firstOf = new Map(before.map(({ minute, first }) => [minute, first]));
    const merged = minutes.map(({ minute, first, last }) => ({ minute, first: firstOf.get(minute) ?? first, last }));
    await writer.upsert('audit_minutes', merged);
    return () => {
      newest = merged.at(-1);
    };
  };
};

const storedMinutes = async (
  { trx, dialect }: ModelWriter<AuditTrailTables>,
  minutes: readonly Minute[],
): Promise<readonly Minute[]> => {
  const stored: Minute[] = [];
  const keys = minutes.map(({ minute }) => minute);
  for (const page of pagesOf(keys, dialect.maxParameters))
    stored.push(...(await trx.selectFrom('audit_minutes').selectAll().where('minute', 'in', page).execute()));
  return stored;
};

export const auditTrailModel = sqlModel<AuditTrailTables, AuditTrailQueries>({
  name: 'auditTrail',
  version: 1,
  tables: auditTrailTables,
  // It takes every event, and nobody needs it to buy a ticket.
  givesWay: true,
  isOptional: true,
  pace: { leastMs: 100, mostMs: 500 },
  handler: auditTrailHandler,
  queries: (db, dialect) => new AuditTrailQueries(db, dialect),
});
