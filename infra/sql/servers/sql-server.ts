// A database server of the read models, as its adapter brings it.
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { SqlDialect } from '@railhead/projections/engine/sql-dialect.ts';
import type { Dialect } from 'kysely';

export type SqlServer = {
  readonly kysely: Dialect;
  readonly sql: SqlDialect;
};

/** At most so many connections of one process; whoever needs one more waits. */
export const MAX_CONNECTIONS = 10;

/** How long a server may take. */
export type Patience = {
  readonly connectMs: number;
  /** A question by somebody who waits. */
  readonly questionMs: number;
};
/** Of the only one that can answer. */
export const PATIENT: Patience = { connectMs: 3_000, questionMs: 5_000 };
/** Of one in whose place another can answer. Nobody waits so long for it: then what it has not answered is given up. */
export const BRIEF: Patience = { connectMs: 1_000, questionMs: 1_000 };
/** A statement of a transaction: a batch of a read model, or tables that are made anew. */
export const BATCH_STATEMENT_MS = 60_000;

/** The server does not answer, has no room, or keeps us out: everything else may go on, and the next try may succeed. */
export class ServerAway extends EventStoreError {
  constructor(cause: unknown) {
    super('STORE_UNAVAILABLE', 'the database of the read models cannot be used at the moment', { cause });
  }
}

/**
 * The server ends a transaction in which nothing is said for so long: it would keep from a model's row whoever is to take
 * the model over.
 */
export const IDLE_TRANSACTION_MS = 5_000;

/** What the driver said, for whoever looks after the server. */
export const saidBy = (error: unknown): string => {
  const said = error instanceof ServerAway ? error.cause : error;
  if (!(said instanceof Error)) return String(said);
  const code = 'code' in said && typeof said.code === 'string' ? said.code : undefined;
  return said.message === '' && code !== undefined ? code : said.message;
};

/** A connection on which a statement failed for the server's sake is not used again: it may still be in a transaction. */
export class Connection {
  #isBroken = false;
  #isInTransaction = false;
  readonly #isAway: (error: unknown) => boolean;
  readonly #questionMs: number;

  constructor(isAway: (error: unknown) => boolean, { questionMs }: Patience) {
    this.#isAway = isAway;
    this.#questionMs = questionMs;
  }

  get isBroken(): boolean {
    return this.#isBroken || this.#isInTransaction;
  }

  /** Runs a statement within its limit. */
  async run<Result>(text: string, statement: (limitMs: number) => Promise<Result>): Promise<Result> {
    if (/^(begin|start transaction)/.test(text)) this.#isInTransaction = true;
    try {
      const result = await statement(this.#isInTransaction ? BATCH_STATEMENT_MS : this.#questionMs);
      if (/^(commit|rollback)$/.test(text)) this.#isInTransaction = false;
      return result;
    } catch (error) {
      if (!this.#isAway(error)) throw error;
      this.#isBroken = true;
      throw new ServerAway(error);
    }
  }
}
