// The gateway's statement of a day: every movement of money, and totals, as CSV. It is written here and read by whoever
// reconciles, whatever gateway it comes from.
import type { Zone } from '@railhead/commands/time/zone.ts';
import { sumFen } from '@railhead/domain/kernel/money.ts';
import type { GatewayStore, Movement } from './gateway-store.ts';

const COLUMNS = ['type', 'kind', 'at', 'paymentNo', 'refundNo', 'amountFen', 'currency', 'gatewayRef', 'count'];

const DAY_MINUTES = 1_440;
/** Days on which the clocks change are longer, and begin at another minute. */
const SLACK_MINUTES = 180;

/** `date` is a day of the zone. Totals of zero are stated too: without them a statement may have been cut off. */
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

const KINDS = ['payment', 'refund'] as const;
/** Of a kind without any movement. */
const DEFAULT_CURRENCY = 'CNY';

/** A row for each kind and currency, and one for a kind without any movement. */
const totalsOf = (moved: readonly Movement[]): readonly (readonly (string | number)[])[] => {
  const totals = KINDS.flatMap((kind) => {
    const ofKind = moved.filter((one) => one.kind === kind);
    const currencies = new Set(ofKind.length === 0 ? [DEFAULT_CURRENCY] : ofKind.map(({ currency }) => currency));
    return [...currencies].map((currency) => {
      const summed = ofKind.filter((one) => one.currency === currency);
      return { kind, currency, amountFen: sumFen(summed.map(({ amountFen }) => amountFen)), count: summed.length };
    });
  });
  return totals.map(({ kind, currency, amountFen, count }) => [
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
