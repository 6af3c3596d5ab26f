// What a change to another train, date, class or destination costs. Pure arithmetic on a table, as for refunds.
import { type Fen, sumFen } from '../kernel/money.ts';
import { feeOf, type RefundTable, refundTier } from '../refund/fees.ts';

/** A tier applies to changes so many minutes or more before the train leaves the stop where the traveller boards. */
export type ChangeTier = { readonly rule: string; readonly atLeastMinutes: number; readonly laterDatePercent: number };

/** Versioned: the version stands in every change, so it can be proved later which table was applied. */
export type ChangeTable = {
  readonly version: string;
  /** From the longest time to the shortest. The share is charged for a later date only; other changes are free. */
  readonly tiers: readonly ChangeTier[];
  readonly notLaterRule: string;
  /** On the day of departure, after it: the share for a train of the same date, and of a later one. */
  readonly departed: { readonly rule: string; readonly sameDatePercent: number; readonly laterDatePercent: number };
  /** To another destination only so long before the departure. */
  readonly destination: { readonly rule: string; readonly atLeastMinutes: number };
  /** How fees are rounded, and what is kept back of a difference that is given back. */
  readonly refunds: RefundTable;
};

const HOUR = 60;
const MINUTE_MS = 60_000;

/**
 * China Railway's fees for changes, as the operator publishes them: free from 48 hours before the departure, and always
 * to a train of the same or an earlier date; to a later date 5 percent from 24 hours on, 15 percent under 24 hours. After
 * the departure, until the end of that day: free to another train of that day, 40 percent to a later date.
 */
export const changeTable = (refunds: RefundTable): ChangeTable => ({
  version: `CN-1/${refunds.version}`,
  tiers: [
    { rule: 'CHANGE_FROM_48_HOURS', atLeastMinutes: 48 * HOUR, laterDatePercent: 0 },
    { rule: 'CHANGE_FROM_24_HOURS', atLeastMinutes: 24 * HOUR, laterDatePercent: 5 },
    { rule: 'CHANGE_UNDER_24_HOURS', atLeastMinutes: 0, laterDatePercent: 15 },
  ],
  notLaterRule: 'CHANGE_NOT_TO_A_LATER_DATE',
  departed: { rule: 'CHANGE_AFTER_DEPARTURE', sameDatePercent: 0, laterDatePercent: 40 },
  destination: { rule: 'CHANGE_OF_DESTINATION', atLeastMinutes: 48 * HOUR },
  refunds,
});

/** `departs…`: of the ticket that is changed. Dates are of the railway's zone, and those on which the traveller boards. */
export type ChangeMoment = {
  readonly nowMs: number;
  readonly today: string;
  readonly departsMs: number;
  readonly departsDate: string;
  readonly newDate: string;
  readonly isOtherDestination: boolean;
};

export type FarePair = { readonly itemNo: number; readonly fareFen: Fen; readonly newFareFen: Fen };

/** `feeFen`: of the change itself, on the lower fare, and of what is given back of the difference. */
export type ChangedItem = FarePair & { readonly feeFen: Fen; readonly rule: string };

/**
 * `payFen` or `refundFen` is what is left when fares and fees are set off; one of the two is 0. `carriedFen`: of the money
 * that the earlier tickets cost, what the new ones are worth.
 */
export type ChangeSums = {
  readonly feeFen: Fen;
  readonly differenceFen: Fen;
  readonly payFen: Fen;
  readonly refundFen: Fen;
  readonly carriedFen: Fen;
};

export type ChangeQuote = ChangeSums & {
  readonly items: readonly ChangedItem[];
  readonly rule: string;
  /** Ms since the epoch: from then on another rule applies, or none. Undefined: until the end of today. */
  readonly validUntilMs: number | undefined;
};

export const changeSums = (items: readonly ChangedItem[]): ChangeSums => {
  const feeFen = sumFen(items.map((item) => item.feeFen));
  const [oldFen, newFen] = [sumFen(items.map(({ fareFen }) => fareFen)), sumFen(items.map((item) => item.newFareFen))];
  const differenceFen = newFen - oldFen;
  const dueFen = differenceFen + feeFen;
  return {
    feeFen,
    differenceFen,
    payFen: Math.max(0, dueFen),
    refundFen: Math.max(0, -dueFen),
    carriedFen: Math.min(oldFen, newFen),
  };
};

/** What changing these tickets costs. Undefined where a change is not possible any more. */
export const quoteChange = (
  table: ChangeTable,
  fares: readonly FarePair[],
  moment: ChangeMoment,
): ChangeQuote | undefined => {
  const applied = ruleAt(table, moment);
  if (applied === undefined) return undefined;
  const { rule, percent, validUntilMs } = applied;
  const { refunds } = table;
  const leftMs = moment.departsMs - moment.nowMs;
  // After the departure nothing is given back of a ticket, and of a difference what the last tier leaves.
  const keptBack = (refundTier(refunds, leftMs) ?? refunds.tiers.at(-1))?.percent ?? 0;
  const items = fares.map((pair): ChangedItem => {
    const { fareFen, newFareFen } = pair;
    const ofChange = feeOf(refunds, Math.min(fareFen, newFareFen), percent);
    const ofDifference = newFareFen < fareFen ? feeOf(refunds, fareFen - newFareFen, keptBack) : 0;
    return { ...pair, feeFen: ofChange + ofDifference, rule };
  });
  return { ...changeSums(items), items, rule, validUntilMs };
};

type Applied = { readonly rule: string; readonly percent: number; readonly validUntilMs: number | undefined };

const ruleAt = (table: ChangeTable, moment: ChangeMoment): Applied | undefined => {
  const { nowMs, today, departsMs, departsDate, newDate, isOtherDestination } = moment;
  const leftMs = departsMs - nowMs;
  const isLater = newDate > departsDate;
  const untilMs = (minutes: number): number => departsMs - minutes * MINUTE_MS;
  if (isOtherDestination) {
    const { rule, atLeastMinutes } = table.destination;
    return leftMs < atLeastMinutes * MINUTE_MS
      ? undefined
      : { rule, percent: 0, validUntilMs: untilMs(atLeastMinutes) };
  }
  if (leftMs <= 0) {
    const { rule, sameDatePercent, laterDatePercent } = table.departed;
    if (today !== departsDate || newDate < departsDate) return undefined;
    return { rule, percent: isLater ? laterDatePercent : sameDatePercent, validUntilMs: undefined };
  }
  const tier = table.tiers.find(({ atLeastMinutes }) => leftMs >= atLeastMinutes * MINUTE_MS);
  if (tier === undefined) return undefined;
  const { rule, laterDatePercent, atLeastMinutes } = tier;
  // What is kept back of a difference follows the tiers of refunds, which may end before the tier of changes.
  const validUntilMs = untilMs(Math.max(atLeastMinutes, refundTier(table.refunds, leftMs)?.atLeastMinutes ?? 0));
  return isLater
    ? { rule, percent: laterDatePercent, validUntilMs }
    : {
        rule: leftMs >= (table.tiers[0]?.atLeastMinutes ?? 0) * MINUTE_MS ? rule : table.notLaterRule,
        percent: 0,
        validUntilMs,
      };
};
