import type { StoredInstant } from '../engine/sql-dialect.ts';
import { instant, position, type TableDefinitions, text } from '../engine/tables.ts';

export type DeadLettersTables = {
  dead_letters: {
    letter_id: string;
    payment_no: string;
    order_no: string;
    code: string;
    outcome: string;
    version: number;
    amount_fen: number;
    gateway_ref: string;
    refused_at: StoredInstant;
    position: number;
  };
  /** Kept beside the letters, so that each event is one row. */
  dismissed_letters: { letter_id: string; dismissed_at: StoredInstant; dismissed_by: string; reason: string };
};

export const deadLettersTables: TableDefinitions<DeadLettersTables> = {
  dead_letters: {
    columns: {
      letter_id: text(128),
      payment_no: text(64),
      order_no: text(64),
      code: text(32),
      outcome: text(16),
      // Whatever whole numbers a gateway signs.
      version: position,
      amount_fen: position,
      gateway_ref: text(128),
      refused_at: instant,
      position,
    },
    key: ['letter_id'],
    indexes: { position: ['position'] },
  },
  dismissed_letters: {
    columns: { letter_id: text(128), dismissed_at: instant, dismissed_by: text(128), reason: text(256) },
    key: ['letter_id'],
  },
};
