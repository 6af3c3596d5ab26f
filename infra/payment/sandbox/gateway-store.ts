// The sandbox gateway's data, in an SQLite file of its own: payments, and notices that are not delivered yet.
import type { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '../../sqlite/open-sqlite.ts';

export type GatewayStatus = 'created' | 'paid' | 'declined' | 'refunded';

export type GatewayRecord = {
  readonly paymentNo: string;
  readonly orderNo: string;
  readonly amountFen: number;
  readonly currency: string;
  readonly status: GatewayStatus;
  /** Grows with each change that the merchant is notified of. */
  readonly version: number;
  readonly notifyUrl: string;
};

export type PendingNotice = {
  readonly id: number;
  readonly url: string;
  readonly body: string;
  readonly attempts: number;
};

const TABLES = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS payments (
    payment_no TEXT PRIMARY KEY, order_no TEXT NOT NULL, amount_fen INTEGER NOT NULL, currency TEXT NOT NULL,
    status TEXT NOT NULL, version INTEGER NOT NULL, notify_url TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS notices (
    id INTEGER PRIMARY KEY, url TEXT NOT NULL, body TEXT NOT NULL, attempts INTEGER NOT NULL, due_ms INTEGER NOT NULL
  ) STRICT;
`;

export class GatewayStore {
  readonly #db: DatabaseSync;

  constructor(path: string) {
    this.#db = openSqlite(path, (db) => db.exec(TABLES));
  }

  find(paymentNo: string): GatewayRecord | undefined {
    const row = this.#db.prepare('SELECT * FROM payments WHERE payment_no = ?').get(paymentNo);
    if (row === undefined) return undefined;
    return {
      paymentNo: String(row.payment_no),
      orderNo: String(row.order_no),
      amountFen: Number(row.amount_fen),
      currency: String(row.currency),
      // Safe cast: only this class writes it.
      status: String(row.status) as GatewayStatus,
      version: Number(row.version),
      notifyUrl: String(row.notify_url),
    };
  }

  create({ paymentNo, orderNo, amountFen, currency, notifyUrl }: Omit<GatewayRecord, 'status' | 'version'>): void {
    this.#db
      .prepare("INSERT OR IGNORE INTO payments VALUES (?, ?, ?, ?, 'created', 0, ?)")
      .run(paymentNo, orderNo, amountFen, currency, notifyUrl);
  }

  /** Writes a change and its notice, or neither. */
  change(
    paymentNo: string,
    status: GatewayStatus,
    version: number,
    notice: { url: string; body: string; dueMs: number } | undefined,
  ): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      this.#db
        .prepare('UPDATE payments SET status = ?, version = ? WHERE payment_no = ?')
        .run(status, version, paymentNo);
      if (notice !== undefined)
        this.#db
          .prepare('INSERT INTO notices (url, body, attempts, due_ms) VALUES (?, ?, 0, ?)')
          .run(notice.url, notice.body, notice.dueMs);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  due(nowMs: number, limit: number): readonly PendingNotice[] {
    return this.#db
      .prepare('SELECT id, url, body, attempts FROM notices WHERE due_ms <= ? ORDER BY due_ms LIMIT ?')
      .all(nowMs, limit)
      .map((row) => ({
        id: Number(row.id),
        url: String(row.url),
        body: String(row.body),
        attempts: Number(row.attempts),
      }));
  }

  nextDueMs(): number | undefined {
    const due = this.#db.prepare('SELECT min(due_ms) AS due FROM notices').get()?.due;
    return due === null || due === undefined ? undefined : Number(due);
  }

  delivered(id: number): void {
    this.#db.prepare('DELETE FROM notices WHERE id = ?').run(id);
  }

  postpone(id: number, attempts: number, dueMs: number): void {
    this.#db.prepare('UPDATE notices SET attempts = ?, due_ms = ? WHERE id = ?').run(attempts, dueMs, id);
  }

  close(): void {
    this.#db.close();
  }
}
