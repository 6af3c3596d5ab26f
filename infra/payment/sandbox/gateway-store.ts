// The sandbox gateway's book, in an SQLite file of its own: payments, refunds, and notices that are not delivered yet.
import type { DatabaseSync } from 'node:sqlite';
import { Problem } from '@railhead/http/problem.ts';
import { isFull, openSqlite } from '../../sqlite/open-sqlite.ts';

export type GatewayStatus = 'created' | 'paid' | 'declined' | 'closed' | 'refunded';

export type GatewayRecord = {
  readonly paymentNo: string;
  readonly orderNo: string;
  readonly amountFen: number;
  readonly currency: string;
  /** `refunded`: paid, and all of it went back. */
  readonly status: GatewayStatus;
  /** Grows with each act of the payer. */
  readonly version: number;
  readonly notifyUrl: string;
  /** The number of the payer's last act; empty before the first. */
  readonly gatewayRef: string;
};

export type RefundRecord = { readonly refundNo: string; readonly paymentNo: string; readonly amountFen: number };

/** Money that came or went, as the statement of its day lists it. */
export type Movement = {
  readonly kind: 'payment' | 'refund';
  readonly paymentNo: string;
  /** Empty for a payment. */
  readonly refundNo: string;
  readonly amountFen: number;
  readonly currency: string;
  readonly atMs: number;
  readonly gatewayRef: string;
};

export type PendingNotice = {
  readonly id: number;
  readonly url: string;
  readonly body: string;
  readonly attempts: number;
};

export type NewNotice = { readonly url: string; readonly body: string; readonly dueMs: number };

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
  CREATE TABLE IF NOT EXISTS dead_notices (
    id INTEGER PRIMARY KEY, url TEXT NOT NULL, body TEXT NOT NULL, failed_ms INTEGER NOT NULL, error TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS movements (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, payment_no TEXT NOT NULL, refund_no TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, at_ms INTEGER NOT NULL, gateway_ref TEXT NOT NULL, UNIQUE (payment_no, refund_no)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS movements_at ON movements (at_ms);
`;

/** A book of an earlier version had no movements, and one refund of the whole amount. */
const bringUpToDate = (db: DatabaseSync): void => {
  const columns = db.prepare('PRAGMA table_info(payments)').all();
  if (columns.some(({ name }) => name === 'gateway_ref')) return;
  db.exec(`
    BEGIN IMMEDIATE;
    ALTER TABLE payments ADD COLUMN gateway_ref TEXT NOT NULL DEFAULT '';
    INSERT INTO movements (kind, payment_no, refund_no, amount_fen, at_ms, gateway_ref)
      SELECT 'payment', payment_no, '', amount_fen, 0, '' FROM payments WHERE status IN ('paid', 'refunded');
    INSERT INTO movements (kind, payment_no, refund_no, amount_fen, at_ms, gateway_ref)
      SELECT 'refund', payment_no, payment_no || 'R1', amount_fen, 0, '' FROM payments WHERE status = 'refunded';
    COMMIT;
  `);
};

/** What writes throws `Problem` STORAGE_FULL where there is no room, and has written nothing then. */
export class GatewayStore {
  readonly #db: DatabaseSync;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.#db = openSqlite(path, (db) => {
      db.exec(TABLES);
      bringUpToDate(db);
    });
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
      gatewayRef: String(row.gateway_ref),
    };
  }

  create({
    paymentNo,
    orderNo,
    amountFen,
    currency,
    notifyUrl,
  }: Omit<GatewayRecord, 'status' | 'version' | 'gatewayRef'>): void {
    this.#write("INSERT OR IGNORE INTO payments VALUES (?, ?, ?, ?, 'created', 0, ?, '')", [
      ...[paymentNo, orderNo, amountFen, currency, notifyUrl],
    ]);
  }

  /** Closed for ever, also if it is registered only later. */
  shut(paymentNo: string): void {
    this.#write(
      `INSERT INTO payments VALUES (?, '', 0, '', 'closed', 0, '', '')
       ON CONFLICT (payment_no) DO UPDATE SET status = 'closed' WHERE status IN ('created', 'declined')`,
      [paymentNo],
    );
  }

  /** Writes the payer's act with the money that came by it and the notices of it, or nothing. */
  act(
    { paymentNo, amountFen }: GatewayRecord,
    outcome: 'paid' | 'declined',
    { version, gatewayRef, atMs }: { readonly version: number; readonly gatewayRef: string; readonly atMs: number },
    notices: readonly NewNotice[],
  ): void {
    this.#atOnce(() => {
      this.#write('UPDATE payments SET status = ?, version = ?, gateway_ref = ? WHERE payment_no = ?', [
        ...[outcome, version, gatewayRef, paymentNo],
      ]);
      if (outcome === 'paid') this.#move('payment', paymentNo, '', amountFen, atMs, gatewayRef);
      for (const notice of notices) this.addNotice(notice);
    });
  }

  addNotice({ url, body, dueMs }: NewNotice): void {
    this.#write('INSERT INTO notices (url, body, attempts, due_ms) VALUES (?, ?, 0, ?)', [url, body, dueMs]);
  }

  refundsOf(paymentNo: string): readonly RefundRecord[] {
    return this.#db
      .prepare("SELECT refund_no, amount_fen FROM movements WHERE payment_no = ? AND kind = 'refund' ORDER BY id")
      .all(paymentNo)
      .map((row) => ({ paymentNo, refundNo: String(row.refund_no), amountFen: Number(row.amount_fen) }));
  }

  refund({ paymentNo, refundNo, amountFen }: RefundRecord, atMs: number, gatewayRef: string, isWhole: boolean): void {
    this.#atOnce(() => {
      this.#move('refund', paymentNo, refundNo, amountFen, atMs, gatewayRef);
      if (isWhole) this.#write("UPDATE payments SET status = 'refunded' WHERE payment_no = ?", [paymentNo]);
    });
  }

  /** Money that moved in `[fromMs, toMs)`, in the order in which it did. */
  movements(fromMs: number, toMs: number): readonly Movement[] {
    return this.#db
      .prepare(
        `SELECT m.*, p.currency FROM movements m JOIN payments p USING (payment_no)
         WHERE at_ms >= ? AND at_ms < ? ORDER BY m.id`,
      )
      .all(fromMs, toMs)
      .map((row) => ({
        kind: row.kind === 'refund' ? 'refund' : 'payment',
        paymentNo: String(row.payment_no),
        refundNo: String(row.refund_no),
        amountFen: Number(row.amount_fen),
        currency: String(row.currency),
        atMs: Number(row.at_ms),
        gatewayRef: String(row.gateway_ref),
      }));
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
    this.#write('DELETE FROM notices WHERE id = ?', [id]);
  }

  postpone(id: number, attempts: number, dueMs: number): void {
    this.#write('UPDATE notices SET attempts = ?, due_ms = ? WHERE id = ?', [attempts, dueMs, id]);
  }

  /** A notice that was sent in vain as often as it may be lies in the dead-letter list from now on. */
  giveUp({ id, url, body }: PendingNotice, failedMs: number, error: string): void {
    this.#atOnce(() => {
      this.#write('INSERT INTO dead_notices (url, body, failed_ms, error) VALUES (?, ?, ?, ?)', [
        ...[url, body, failedMs, error],
      ]);
      this.delivered(id);
    });
  }

  dead(): readonly DeadNotice[] {
    return this.#db
      .prepare('SELECT * FROM dead_notices ORDER BY id')
      .all()
      .map((row) => ({
        id: Number(row.id),
        url: String(row.url),
        body: String(row.body),
        failedMs: Number(row.failed_ms),
        error: String(row.error),
      }));
  }

  close(): void {
    this.#db.close();
  }

  #move(
    kind: Movement['kind'],
    paymentNo: string,
    refundNo: string,
    amountFen: number,
    atMs: number,
    gatewayRef: string,
  ): void {
    this.#write(
      'INSERT INTO movements (kind, payment_no, refund_no, amount_fen, at_ms, gateway_ref) VALUES (?, ?, ?, ?, ?, ?)',
      [kind, paymentNo, refundNo, amountFen, atMs, gatewayRef],
    );
  }

  #write(sql: string, values: readonly (string | number)[]): void {
    this.#whereThereIsRoom(() => this.#db.prepare(sql).run(...values));
  }

  #atOnce(work: () => void): void {
    this.#whereThereIsRoom(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        work();
        this.#db.exec('COMMIT');
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #whereThereIsRoom(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (isFull(error, this.#path)) throw new Problem('STORAGE_FULL', "the gateway's book has no room left");
      throw error;
    }
  }
}

export type DeadNotice = {
  readonly id: number;
  readonly url: string;
  readonly body: string;
  readonly failedMs: number;
  readonly error: string;
};
