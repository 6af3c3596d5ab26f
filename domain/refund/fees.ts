// What a refund costs. Pure arithmetic on a table, so that a quote and the refund itself always agree.
import { type Fen, sumFen } from '../kernel/money.ts';

/** A tier applies to refunds so many minutes or more before the traveller's train leaves the stop where they board. */
export type RefundTier = { readonly rule: string; readonly atLeastMinutes: number; readonly percent: number };

/** Versioned: the version stands in every refund, so it can be proved later which table was applied. */
export type RefundTable = {
  readonly version: string;
  /** From the longest time to the shortest; the last one ends at the departure. */
  readonly tiers: readonly RefundTier[];
  /** Fees are whole multiples of this; half a unit and more is rounded up. */
  readonly unitFen: Fen;
  /** The least fee, where a fee is charged at all; never more than the fare. */
  readonly leastFen: Fen;
  /** A ticket that came by a change so shortly before the earlier train pays at least this share, however early it is. */
  readonly changedLate: { readonly rule: string; readonly underMinutes: number; readonly percent: number };
};

const HOUR = 60;
const DAY = 24 * HOUR;

/**
 * China Railway's refund fees, as the operator publishes them: none from 8 days before the departure, then 5, 10 and 20
 * percent; in units of 0.5 yuan (a rest under 0.25 is dropped, from 0.75 on it is one yuan), and at least 2 yuan.
 */
export const REFUND_TABLE: RefundTable = {
  version: 'CN-1',
  tiers: [
    { rule: 'FROM_8_DAYS', atLeastMinutes: 8 * DAY, percent: 0 },
    { rule: 'FROM_48_HOURS', atLeastMinutes: 48 * HOUR, percent: 5 },
    { rule: 'FROM_24_HOURS', atLeastMinutes: 24 * HOUR, percent: 10 },
    { rule: 'UNDER_24_HOURS', atLeastMinutes: 0, percent: 20 },
  ],
  unitFen: 50,
  leastFen: 200,
  changedLate: { rule: 'CHANGED_UNDER_8_DAYS', underMinutes: 8 * DAY, percent: 5 },
};

const MINUTE_MS = 60_000;

/** The tier that applies `leftMs` before the departure; undefined from the departure on. */
export const refundTier = ({ tiers }: RefundTable, leftMs: number): RefundTier | undefined =>
  leftMs <= 0 ? undefined : tiers.find(({ atLeastMinutes }) => leftMs >= atLeastMinutes * MINUTE_MS);

/** The share of a fare in whole units of the table; never more than the fare. */
export const feeOf = ({ unitFen, leastFen }: RefundTable, fareFen: Fen, percent: number): Fen => {
  if (percent === 0) return 0;
  // In hundredths of a fen, so that nothing is lost before it is rounded.
  const units = Math.floor((fareFen * percent + 50 * unitFen) / (100 * unitFen));
  return Math.min(fareFen, Math.max(leastFen, units * unitFen));
};

export type RefundedItem = {
  readonly itemNo: number;
  readonly fareFen: Fen;
  readonly feeFen: Fen;
  readonly refundFen: Fen;
  readonly rule: string;
};

export type RefundQuote = {
  readonly items: readonly RefundedItem[];
  readonly feeFen: Fen;
  readonly refundFen: Fen;
  /** Ms since the epoch: from then on another tier applies, or none. */
  readonly validUntilMs: number;
};

/** Was a ticket, with so much time left, changed so late that the new one always pays a fee? */
export const isChangedLate = ({ changedLate }: RefundTable, leftMs: number): boolean =>
  leftMs < changedLate.underMinutes * MINUTE_MS;

/** `changedLate`, `changedAfterDeparture`: the tickets came by a change that was late, or that late. */
export type RefundMoment = {
  readonly nowMs: number;
  readonly departsMs: number;
  readonly changedLate: boolean;
  readonly changedAfterDeparture?: boolean;
};

/** What giving back these tickets brings at `nowMs`. Undefined from the departure on. */
export const quoteRefund = (
  table: RefundTable,
  items: readonly { readonly itemNo: number; readonly fareFen: Fen }[],
  { nowMs, departsMs, changedLate, changedAfterDeparture = false }: RefundMoment,
): RefundQuote | undefined => {
  const tier = refundTier(table, departsMs - nowMs);
  if (tier === undefined || changedAfterDeparture) return undefined;
  const { atLeastMinutes } = tier;
  const { rule, percent } = changedLate && tier.percent < table.changedLate.percent ? table.changedLate : tier;
  const refunded = items.map(({ itemNo, fareFen }): RefundedItem => {
    const feeFen = feeOf(table, fareFen, percent);
    return { itemNo, fareFen, feeFen, refundFen: fareFen - feeFen, rule };
  });
  return {
    items: refunded,
    feeFen: sumFen(refunded.map(({ feeFen }) => feeFen)),
    refundFen: sumFen(refunded.map(({ refundFen }) => refundFen)),
    validUntilMs: departsMs - atLeastMinutes * MINUTE_MS,
  };
};
