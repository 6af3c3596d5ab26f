// The gateway's statement of a day: every movement of money, and totals, as CSV. It is written here and read by whoever
// reconciles, whatever gateway it comes from.
import type { Zone } from '@railhead/commands/time/zone.ts';
import type { GatewayStore, Movement } from './gateway-store.ts';

const COLUMNS = ['type', 'kind', 'at', 'paymentNo', 'refundNo', 'amountFen', 'currency', 'gatewayRef', 'count'];

const DAY_MINUTES = 1_440;
/** Days on which the clocks change are longer, and begin at another minute. */
const SLACK_MINUTES = 180;

/** `date` is a day of the zone. A day without money has the header alone. */
export const statementOf = (store: GatewayStore, date: string, zone: Zone): string => {
  const [from, to] = [zone.instantMs(date, -SLACK_MINUTES), zone.instantMs(date, DAY_MINUTES + SLACK_MINUTES)];
  const moved = store.movements(from, to).filter(({ atMs }) => zone.date(atMs) === date);
  return [
    COLUMNS,
    ...moved.map((one) => [
      'movement',
      one.kind,
      zone.timestamp(one.atMs),
      one.paymentNo,
      one.refundNo,
      one.amountFen,
      one.currency,
      one.gatewayRef,
      '',
    ]),
    ...totalsOf(moved),
  ]
    .map((row) => `${row.map(field).join(',')}\n`)
    .join('');
};

/** A row for each kind and currency. */
const totalsOf = (moved: readonly Movement[]): readonly (readonly (string | number)[])[] => {
  const totals = new Map<string, { kind: string; currency: string; amountFen: number; count: number }>();
  for (const { kind, currency, amountFen } of moved) {
    const total = totals.get(`${kind} ${currency}`) ?? { kind, currency, amountFen: 0, count: 0 };
    total.amountFen += amountFen;
    total.count += 1;
    totals.set(`${kind} ${currency}`, total);
  }
  return [...totals.values()].map(({ kind, currency, amountFen, count }) => [
    'total',
    kind,
    '',
    '',
    '',
    amountFen,
    currency,
    '',
    count,
  ]);
};

/** RFC 4180. */
const field = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
