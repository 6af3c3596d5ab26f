import type { Kysely } from 'kysely';
import type { SqlDialect } from '../engine/sql-dialect.ts';
import type { DeadLettersTables } from './dead-letters-tables.ts';

export type DeadLetter = {
  readonly id: string;
  readonly paymentNo: string;
  readonly orderNo: string;
  /** Why it was refused. */
  readonly code: string;
  readonly outcome: string;
  readonly version: number;
  readonly amountFen: number;
  readonly gatewayRef: string;
  readonly refusedAtMs: number;
};

export class DeadLettersQueries {
  readonly #db: Kysely<DeadLettersTables>;
  readonly #dialect: SqlDialect;

  constructor(db: Kysely<DeadLettersTables>, dialect: SqlDialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  /** Those that nobody has dismissed, oldest first. `cursor` comes from the page before. */
  async waiting({ cursor = 0, limit }: { readonly cursor?: number | undefined; readonly limit: number }): Promise<{
    readonly letters: readonly DeadLetter[];
    readonly nextCursor: number | undefined;
  }> {
    const rows = await this.#db
      .selectFrom('dead_letters')
      .selectAll('dead_letters')
      .where('position', '>', cursor)
      .where('letter_id', 'not in', this.#db.selectFrom('dismissed_letters').select('letter_id'))
      .orderBy('position')
      .limit(limit + 1)
      .execute();
    const page = rows.slice(0, limit);
    return {
      letters: page.map((row) => ({
        id: row.letter_id,
        paymentNo: row.payment_no,
        orderNo: row.order_no,
        code: row.code,
        outcome: row.outcome,
        version: row.version,
        amountFen: row.amount_fen,
        gatewayRef: row.gateway_ref,
        refusedAtMs: this.#dialect.fromInstant(row.refused_at),
      })),
      nextCursor: rows.length > limit ? page.at(-1)?.position : undefined,
    };
  }
}
