// Compares a gateway's statement of a day with the log: every movement of money is in both, once, with one amount.
import { sumFen } from '@railhead/domain/kernel/money.ts';
import type { Payment, PaymentRefund } from '@railhead/domain/payment/fold.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import type { Zone } from '../time/zone.ts';

/** Money that came (`payment`) or went back (`refund`, with a number of its own), as the gateway states it. */
export type StatedMovement = {
  readonly kind: 'payment' | 'refund';
  readonly at: string;
  readonly paymentNo: string;
  readonly refundNo: string;
  readonly amountFen: number;
};

/**
 * `MISSING_HERE`: the log does not know the movement. `MISSING_THERE`: the statement does not have it. `STATUS`: the log
 * knows the payment, and not that the money moved. `AMOUNT`: it moved with another amount, or the log still asks for the
 * refund with another amount. `TWICE`: stated twice.
 */
export type DifferenceCode = 'MISSING_HERE' | 'MISSING_THERE' | 'AMOUNT' | 'STATUS' | 'TWICE';

export type Difference = {
  readonly code: DifferenceCode;
  readonly kind: StatedMovement['kind'];
  readonly paymentNo: string;
  readonly refundNo: string;
  /** 0 where that side does not have it. `hereFen` of a refund that the log still asks for, with another amount: what it asks for. */
  readonly hereFen: number;
  readonly thereFen: number;
  /** The status of the payment in the log. */
  readonly status: string;
  /** `auto`: the order process repairs it by asking the gateway. `alarm`: a person has to look. */
  readonly action: 'auto' | 'alarm';
};

export type Reconciled = {
  readonly checked: number;
  readonly hereFen: number;
  readonly thereFen: number;
  readonly differences: readonly Difference[];
};

type Moved = { readonly at: string; readonly amountFen: number };

/** What the log says of the money, in the order of its events. */
export class PaymentsInLog {
  readonly #channel: string;
  readonly payments = new Map<string, Payment>();
  /** By payment and refund number; the refund number of a payment is empty. */
  readonly moved = new Map<string, Moved>();

  /** Each gateway states the payments of its own channel. */
  constructor(channel: string) {
    this.#channel = channel;
  }

  add(event: RecordedEvent): void {
    if (!paymentCategory.owns(event)) return;
    const { paymentNo } = event.data;
    if (event.type === 'PaymentCreated' && event.data.channel !== this.#channel) return;
    const before = this.payments.get(paymentNo) ?? paymentCategory.initial();
    if (before.status === 'ABSENT' && event.type !== 'PaymentCreated') return;
    this.payments.set(paymentNo, paymentCategory.evolve(before, event));
    if (event.type !== 'PaymentSucceeded' && event.type !== 'PaymentRefunded') return;
    const refundNo = event.type === 'PaymentRefunded' ? event.data.refundNo : '';
    this.moved.set(keyOf(paymentNo, refundNo), { at: event.meta.at, amountFen: event.data.amountFen });
  }

  /** Did any money move on `date` or before it? */
  hasMovedBy(date: string, zone: Zone): boolean {
    return [...this.moved.values()].some(({ at }) => zone.date(Date.parse(at)) <= date);
  }
}

const keyOf = (paymentNo: string, refundNo: string): string => `${paymentNo}/${refundNo}`;

/**
 * `stated`: the statement of the day, and of the days around it where there are any, because a movement just before
 * midnight may be heard of after it. Only what moved on `date`, by either side, is compared.
 */
export const reconcilePayments = (
  log: PaymentsInLog,
  stated: readonly StatedMovement[],
  date: string,
  zone: Zone,
): Reconciled => {
  const isOfDay = ({ at }: { readonly at: string }): boolean => zone.date(Date.parse(at)) === date;
  const ofDay = stated.filter(isOfDay);
  const seen = new Set<string>();
  const differences: Difference[] = [];
  for (const movement of ofDay) {
    const key = keyOf(movement.paymentNo, movement.refundNo);
    const found = seen.has(key) ? differing('TWICE', movement, log) : compared(movement, log);
    seen.add(key);
    if (found !== undefined) differences.push(found);
  }
  const there = new Set(stated.map(({ paymentNo, refundNo }) => keyOf(paymentNo, refundNo)));
  const here = [...log.moved].filter(([, moved]) => isOfDay(moved));
  for (const [key, { amountFen }] of here) {
    if (there.has(key)) continue;
    const [paymentNo = '', refundNo = ''] = key.split('/');
    const kind = refundNo === '' ? 'payment' : 'refund';
    const missing = { kind, paymentNo, refundNo, amountFen: 0, at: '' } as const;
    differences.push({ ...differing('MISSING_THERE', missing, log), hereFen: amountFen });
  }
  return {
    checked: new Set([...seen, ...here.map(([key]) => key)]).size,
    hereFen: netFen(here.map(([key, { amountFen }]) => ({ isRefund: !key.endsWith('/'), amountFen }))),
    thereFen: netFen(ofDay.map(({ kind, amountFen }) => ({ isRefund: kind === 'refund', amountFen }))),
    differences,
  };
};

const netFen = (moved: readonly { readonly isRefund: boolean; readonly amountFen: number }[]): number =>
  sumFen(moved.map(({ isRefund, amountFen }) => (isRefund ? -amountFen : amountFen)));

const compared = (movement: StatedMovement, log: PaymentsInLog): Difference | undefined => {
  const moved = log.moved.get(keyOf(movement.paymentNo, movement.refundNo));
  if (moved !== undefined)
    return moved.amountFen === movement.amountFen ? undefined : differing('AMOUNT', movement, log);
  const asked = askedFor(movement, log);
  // The gateway refunds a number once: it refuses the other amount as often as the log asks.
  if (asked !== undefined && asked.amountFen !== movement.amountFen)
    return { ...differing('AMOUNT', movement, log), hereFen: asked.amountFen };
  return differing(log.payments.has(movement.paymentNo) ? 'STATUS' : 'MISSING_HERE', movement, log);
};

/** The refund of that number as the log asks for it; `movement` is not counted in the log. */
const askedFor = ({ paymentNo, refundNo }: StatedMovement, log: PaymentsInLog): PaymentRefund | undefined =>
  log.payments.get(paymentNo)?.refunds[refundNo];

/** The order process asks the gateway about payments that may still be paid, and repeats refunds that were requested. */
const repairsItself = (code: DifferenceCode, movement: StatedMovement, log: PaymentsInLog): boolean => {
  if (code !== 'STATUS') return false;
  if (movement.kind === 'refund') return askedFor(movement, log) !== undefined;
  const payment = log.payments.get(movement.paymentNo);
  return (payment?.status === 'CREATED' || payment?.status === 'DECLINED') && payment.refused.length === 0;
};

const differing = (code: DifferenceCode, movement: StatedMovement, log: PaymentsInLog): Difference => {
  const { kind, paymentNo, refundNo, amountFen } = movement;
  const payment = log.payments.get(paymentNo);
  return {
    code,
    kind,
    paymentNo,
    refundNo,
    hereFen: log.moved.get(keyOf(paymentNo, refundNo))?.amountFen ?? 0,
    thereFen: amountFen,
    status: payment?.status ?? 'ABSENT',
    action: repairsItself(code, movement, log) ? 'auto' : 'alarm',
  };
};
