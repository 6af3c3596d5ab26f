// The reference: the same rows written by a bare loop over SQLite, several orders in a transaction, with no decisions.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openForWriting } from '@railhead/infra/eventstore/sqlite/schema.ts';

/** A negative `stream` is the order's own; the others are shared by all orders of the run. */
export type BareRow = { readonly stream: number; readonly type: string; readonly data: string; readonly meta: string };

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

/** The loop, 200 orders a commit and one, as the references that `value` stands beside. */
export const bareReferences = (value: number, samples: readonly (readonly BareRow[])[], seconds: number) => {
  const batch = bareSqliteOrders(samples, 200, seconds);
  const single = bareSqliteOrders(samples, 1, seconds);
  return [
    { name: 'same rows by a bare loop over SQLite, 200 orders a commit', value: batch, ratio: value / batch },
    { name: 'same rows by a bare loop over SQLite, 1 order a commit', value: single, ratio: value / single },
  ];
};
