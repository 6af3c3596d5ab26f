import type { StoredInstant } from '../engine/sql-dialect.ts';
import { instant, integer, position, type TableDefinitions, text } from '../engine/tables.ts';

export type AuditTrailTables = {
  /** One row for each event of the log: what it tells besides its data. Order, run and category are in the stream's name. */
  audit_trail: { position: number; at: StoredInstant; actor: string; stream: string; type: string };
  /** Between which positions the events of a minute stand. `minute`: since the epoch. Clocks may go back, positions never. */
  audit_minutes: { minute: number; first: number; last: number };
};

export const auditTrailTables: TableDefinitions<AuditTrailTables> = {
  audit_trail: {
    columns: { position, at: instant, actor: text(128), stream: text(257), type: text(128) },
    key: ['position'],
    indexes: { actor: ['actor', 'position'], stream: ['stream', 'position'] },
  },
  audit_minutes: { columns: { minute: integer, first: position, last: position }, key: ['minute'] },
};
