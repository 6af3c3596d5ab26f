// The reference: the same rows written by a bare loop over SQLite, several orders in a transaction, with no decisions.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openForWriting } from '@railhead/infra/eventstore/sqlite/schema.ts';
import type { BenchReference } from './benchmark.ts';
import { BATCH, type BareRow, type OrderRows } from './order-rows.ts';

/** Orders per second, their rows taken in turn from `samples`, durable (synchronous=FULL) at each commit. */
export const bareSqliteOrders = (
  samples: readonly (readonly BareRow[])[],
  ordersPerCommit: number,
  seconds: number,
): number => {
  const folder = mkdtempSync(join(tmpdir(), 'railhead-bare-'));
  const db = openForWriting(join(folder, 'bare.db'));
  try {
    const insert = db.prepare(
      'INSERT INTO events (position, stream, revision, id, type, version, data, meta) VALUES (?, ?, ?, ?, ?, 1, ?, ?)',
    );
    let position = 0;
    let orders = 0;
    const revisions = new Map<number, number>();
    const started = performance.now();
    while (performance.now() - started < seconds * 1000) {
      db.exec('BEGIN IMMEDIATE');
      for (let order = 0; order < ordersPerCommit; order += 1) {
        const rows = samples[orders % samples.length] ?? [];
        orders += 1;
        for (const [index, row] of rows.entries()) {
          position += 1;
          const stream = row.stream < 0 ? 1_000 + orders : row.stream;
          const revision = (revisions.get(stream) ?? -1) + 1;
          revisions.set(stream, revision);
          const id = `${position.toString(16).padStart(8, '0')}-0000-8000-8000-${index.toString(16).padStart(12, '0')}`;
          insert.run(position, stream, revision, id, row.type, row.data, row.meta);
        }
      }
      db.exec('COMMIT');
    }
    return orders / ((performance.now() - started) / 1000);
  } finally {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The loop over these rows, as the references that `value` stands beside. */
export const bareReferences = (
  value: number,
  { apart, together }: OrderRows,
  seconds: number,
): readonly BenchReference[] => {
  const beside = (name: string, reference: number): BenchReference => ({
    name: `${name} by a bare loop over SQLite`,
    value: reference,
    ratio: value / reference,
  });
  return [
    beside(`a row for each hold, ${BATCH} orders a commit,`, bareSqliteOrders(apart, BATCH, seconds)),
    beside(
      `one row for the holds of ${BATCH} orders on a segment, in one commit,`,
      bareSqliteOrders(together, BATCH, seconds),
    ),
    beside('a row for each hold, 1 order a commit,', bareSqliteOrders(apart, 1, seconds)),
  ];
};
