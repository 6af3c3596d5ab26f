// Reads a gateway's statement, and refuses one that was cut off: its totals are not those of its movements, or missing.
import type { StatedMovement } from '@railhead/commands/reconciliation/reconcile-payments.ts';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';

export class StatementError extends Error {
  readonly code = 'STATEMENT_INVALID';
}

const kind = z.enum(['payment', 'refund']);
/** Digits alone: a field that is empty is no 0. */
const whole = z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.int());
const rowShape = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('movement'),
    kind,
    at: z.iso.datetime({ offset: true }),
    paymentNo: z.string().min(1),
    refundNo: z.string(),
    amountFen: whole,
    currency: z.string(),
  }),
  z.object({ type: z.literal('total'), kind, amountFen: whole, currency: z.string(), count: whole }),
]);
type Row = z.output<typeof rowShape>;

/** Throws `StatementError`, with the number of the row. */
export const readStatement = (text: string): readonly StatedMovement[] => {
  const rows = rowsOf(text).map((record, index): Row => {
    const row = rowShape.safeParse(record);
    if (!row.success) throw new StatementError(`row ${index + 2}: ${z.prettifyError(row.error)}`);
    return row.data;
  });
  const sums = new Map<string, { count: number; amountFen: number }>();
  for (const row of rows) {
    const name = `${row.kind} ${row.currency}`;
    const sum = sums.get(name) ?? { count: 0, amountFen: 0 };
    const sign = row.type === 'movement' ? 1 : -1;
    sum.count += sign * (row.type === 'movement' ? 1 : row.count);
    sum.amountFen += sign * row.amountFen;
    sums.set(name, sum);
  }
  for (const [name, { count, amountFen }] of sums)
    if (count !== 0 || amountFen !== 0)
      throw new StatementError(`the total of ${name} differs from its movements by ${count} rows and ${amountFen} fen`);
  if (!rows.some(({ type }) => type === 'total'))
    throw new StatementError('the statement has no totals, not even of zero; it may have been cut off');
  return rows.filter((row) => row.type === 'movement');
};

const COLUMNS = ['type', 'kind', 'at', 'paymentNo', 'refundNo', 'amountFen', 'currency', 'count'];

const rowsOf = (text: string): readonly Readonly<Record<string, string>>[] => {
  try {
    let header: readonly string[] = [];
    const rows: Readonly<Record<string, string>>[] = parse(text, {
      bom: true,
      skip_empty_lines: true,
      columns: (names: string[]) => {
        header = names;
        return names;
      },
    });
    const missing = COLUMNS.find((name) => !header.includes(name));
    if (missing !== undefined) throw new StatementError(`the statement has no column ${missing}`);
    return rows;
  } catch (error) {
    if (error instanceof StatementError) throw error;
    throw new StatementError(`the statement is no CSV: ${error instanceof Error ? error.message : String(error)}`);
  }
};
