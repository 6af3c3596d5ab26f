import type { Waitlist } from '@railhead/domain/waitlist/fold.ts';
import type { StoredInstant, StoredJson } from '../engine/sql-dialect.ts';
import { instant, integer, json, position, type TableDefinitions, text } from '../engine/tables.ts';

export type WaitlistsTables = {
  waitlists: {
    waitlist_no: string;
    user_id: string;
    status: string;
    /** The position of its first event. */
    position: number;
    /** As the log has it, with personal data masked. */
    waitlist: StoredJson<Waitlist>;
  };
  /** Who waits in the line of a class now. */
  waiting_lines: {
    line: string;
    waitlist_no: string;
    /** Whom it goes before: `compare` in domain/seat-lock/waiting.ts. */
    counts_from: StoredInstant;
    priority_rank: number;
    since: StoredInstant;
    /** Of the time when it joined: see `chance.ts`. */
    train_kind: string;
    days_left: number;
    place: number;
  };
  /** How it ended for those who once stood at such a place. */
  waitlist_outcomes: {
    train_kind: string;
    days_left: number;
    place: number;
    ended: number;
    served: number;
  };
};

export const waitlistsTables: TableDefinitions<WaitlistsTables> = {
  waitlists: {
    columns: { waitlist_no: text(32), user_id: text(128), status: text(16), position, waitlist: json },
    key: ['waitlist_no'],
    indexes: { user: ['user_id', 'position'] },
  },
  waiting_lines: {
    columns: {
      line: text(64),
      waitlist_no: text(32),
      counts_from: instant,
      priority_rank: integer,
      since: instant,
      train_kind: text(8),
      days_left: integer,
      place: integer,
    },
    key: ['line', 'waitlist_no'],
    indexes: { order: ['line', 'counts_from', 'priority_rank'], request: ['waitlist_no'] },
  },
  waitlist_outcomes: {
    columns: { train_kind: text(8), days_left: integer, place: integer, ended: integer, served: integer },
    key: ['train_kind', 'days_left', 'place'],
  },
};
