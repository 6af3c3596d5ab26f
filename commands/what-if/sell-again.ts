// Sells the requests of a run again, in memory, under other rules. What travellers, operators and the railway did after
// their orders had seats is repeated at its place, as far as the orders have seats here too.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import { SEAT_CLASSES, type SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { type Composition, hasClass, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { type SellingRules, sellingOf } from '../allocation/selling-rules.ts';
import { standingFares } from '../orders/standing-fares.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { ClassAgain } from './class-again.ts';
import { type Payers, Unpaid } from './payers.ts';
import type { Ask, Asked, Later, Outcome, SoldRun, Step, TicketChange } from './sold-run.ts';

export type SoldAgain = {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Seats that operators took out of sale, and that a traveller has in the simulation: they stay on sale. */
  readonly seatsNotWithdrawn: number;
};

/** `payers`: of orders that got no seats when the run was sold, and get some now. What they would have done is unknown. */
export type Rules = { readonly rules: SellingRules; readonly payers: Payers };

class Again {
  seatsNotWithdrawn = 0;
  readonly #sold: SoldRun;
  readonly #payers: Payers;
  readonly #classes: ReadonlyMap<SeatClass, ClassAgain>;
  readonly #askedToStand: ReadonlySet<string>;
  readonly #changedBy: ReadonlyMap<string, readonly TicketChange[]>;
  readonly #changesTo: ReadonlyMap<string, readonly TicketChange[]>;
  /** The class in which each order has or had its seats, and its fares there. */
  readonly #seated = new Map<string, { readonly in: ClassAgain; readonly faresFen: readonly Fen[] }>();
  readonly #refused = new Map<string, string>();
  readonly #unpaid = new Unpaid();
  #composition: Composition;

  constructor(sold: SoldRun, payers: Payers, classes: ReadonlyMap<SeatClass, ClassAgain>) {
    this.#sold = sold;
    this.#payers = payers;
    this.#classes = classes;
    this.#composition = sold.run.composition;
    this.#askedToStand = new Set(
      sold.steps.flatMap((step) => (step.kind === 'ask' && step.toStand ? [step.orderNo] : [])),
    );
    const done = sold.changes.filter(({ isDone }) => isDone);
    this.#changedBy = Map.groupBy(done, ({ orderNo }) => orderNo);
    this.#changesTo = Map.groupBy(sold.changes, ({ newOrderNo }) => newOrderNo);
  }

  take(step: Step): void {
    this.#expire(step.atMs);
    switch (step.kind) {
      case 'ask':
        this.#ask(step, step.atMs);
        return;
      case 'confirm':
      case 'expire':
      case 'release':
      case 'giveBack':
        this.#goOn(step, step.atMs);
        return;
      case 'extend':
        this.#composition = [...this.#composition, ...step.coaches];
        for (const [seatClass, one] of this.#classes) one.extend(seatsOfClass(this.#composition, seatClass));
        return;
      case 'withdraw':
        this.seatsNotWithdrawn += this.#classes.get(step.seatClass)?.withdraw(step, step.atMs) ?? 0;
        return;
      case 'return':
        this.#classes.get(step.seatClass)?.decide({ kind: 'return', orderNo: step.withdrawalNo }, step.atMs);
        return;
      case 'close':
        this.#classes.get(step.seatClass)?.decide({ kind: 'close', orderNo: '', reason: step.reason }, step.atMs);
        // Orders that had seats when the run was sold are released one by one; the others were closed before.
        if (step.reason === 'RUN_CANCELLED') this.#endNew(step.seatClass, step.atMs);
    }
  }

  get outcomes(): ReadonlyMap<string, Outcome> {
    this.#expire(this.#sold.endMs);
    const outcomes = new Map<string, Outcome>();
    for (const [orderNo, then] of this.#sold.outcomes) outcomes.set(orderNo, this.#outcomeOf(orderNo, then));
    return outcomes;
  }

  #outcomeOf(orderNo: string, then: Outcome): Outcome {
    const seated = this.#seated.get(orderNo);
    const outcome = seated?.in.outcomeOf(orderNo, seated.faresFen);
    if (outcome !== undefined) return outcome;
    const code = this.#refused.get(orderNo);
    // Without a code no rule decided: it ended for another reason, or is not decided yet.
    return code === undefined ? then : { kind: 'refused', code };
  }

  #ask({ orderNo, toStand }: Ask, atMs: number): void {
    const asked = this.#sold.asked.get(orderNo);
    if (asked === undefined || this.#seated.has(orderNo) || this.#refused.get(orderNo) === NOTHING_TO_CHANGE) return;
    if (toStand && asked.seatClass !== 'standing') {
      this.#askToStand(asked, atMs);
      return;
    }
    if (asked.inPlaceOf !== undefined && this.#lacksTickets(asked.inPlaceOf)) {
      this.#refused.set(orderNo, NOTHING_TO_CHANGE);
      return;
    }
    this.#hold(asked, asked.seatClass, asked.faresFen, atMs);
    // Who was asked when the run was sold decides at the same place again; the others are asked at once.
    const isAskedNow = this.#refused.get(orderNo) === 'SOLD_OUT' && !this.#sold.offeredStanding.has(orderNo);
    if (isAskedNow) this.#askToStand(asked, atMs);
    else if (this.#sold.offeredStanding.has(orderNo) && !this.#askedToStand.has(orderNo)) this.#refused.delete(orderNo);
  }

  #askToStand(asked: Asked, atMs: number): void {
    const run = { ...this.#sold.run, composition: this.#composition };
    const faresFen = standingFares(asked, run);
    if (faresFen !== undefined) this.#hold(asked, 'standing', faresFen, atMs);
  }

  #hold(asked: Asked, seatClass: SeatClass, faresFen: readonly Fen[], atMs: number): void {
    const { orderNo } = asked;
    const one = this.#classes.get(seatClass);
    if (one === undefined) return;
    const outcome = one.hold(asked, atMs);
    if (!outcome.ok) {
      this.#refused.set(orderNo, outcome.refusal.code);
      return;
    }
    this.#refused.delete(orderNo);
    this.#seated.set(orderNo, { in: one, faresFen });
    if (this.#hadNoSeats(orderNo)) this.#begin(asked, one, atMs);
  }

  #hadNoSeats(orderNo: string): boolean {
    const then = this.#sold.outcomes.get(orderNo)?.kind;
    return then === 'refused' || then === 'open';
  }

  /** An order that got no seats when the run was sold: it is paid at once, or never. */
  #begin({ orderNo, from }: Asked, one: ClassAgain, atMs: number): void {
    const { pays, paymentMs } = this.#payers;
    if (!pays(orderNo)) {
      this.#unpaid.add(orderNo, Math.min(atMs + paymentMs, boardingMs(this.#sold.run, from)));
      return;
    }
    one.decide({ kind: 'confirm', orderNo }, atMs);
    // Tickets that could not be changed to these when the run was sold are changed now.
    for (const change of this.#changesTo.get(orderNo) ?? []) this.#giveBack(change.orderNo, change.travellers, atMs);
  }

  #expire(nowMs: number): void {
    for (const orderNo of this.#unpaid.dueAt(nowMs))
      this.#seated.get(orderNo)?.in.decide({ kind: 'expire', orderNo }, nowMs);
  }

  #goOn(step: Later, atMs: number): void {
    const { orderNo } = step;
    const one = this.#seated.get(orderNo)?.in;
    if (one === undefined) return;
    if (step.kind !== 'giveBack') {
      one.decide(step, atMs);
      return;
    }
    // A traveller keeps a ticket that was changed to one of an order that gets no seats now.
    const changes = this.#changedBy.get(orderNo) ?? [];
    const keeps = (traveller: number): boolean =>
      changes.some(
        ({ newOrderNo, travellers }) =>
          travellers.includes(traveller) && this.#sold.asked.has(newOrderNo) && !this.#seated.has(newOrderNo),
      );
    this.#giveBack(
      orderNo,
      step.travellers.filter((traveller) => !keeps(traveller)),
      atMs,
    );
  }

  #giveBack(orderNo: string, travellers: readonly number[], atMs: number): void {
    if (travellers.length === 0) return;
    this.#seated.get(orderNo)?.in.decide({ kind: 'giveBack', orderNo, travellers, reason: 'GIVEN_BACK' }, atMs);
  }

  #endNew(seatClass: SeatClass, atMs: number): void {
    for (const [orderNo, seated] of this.#seated)
      if (seated.in.seatClass === seatClass && this.#hadNoSeats(orderNo))
        seated.in.decide({ kind: 'release', orderNo, reason: 'RUN_CANCELLED' }, atMs);
  }

  /** Of an order of this run. */
  #lacksTickets(orderNo: string): boolean {
    if (!this.#sold.asked.has(orderNo)) return false;
    const seated = this.#seated.get(orderNo);
    const outcome = seated?.in.outcomeOf(orderNo, seated.faresFen);
    return outcome === undefined || !('kept' in outcome) || outcome.kept.length === 0;
  }
}

/** The code of an order that was to replace tickets of another order, which has none in the simulation. */
export const NOTHING_TO_CHANGE = 'NOTHING_TO_CHANGE';

export const sellAgain = (
  sold: SoldRun,
  { rules, payers }: Rules,
): Result<SoldAgain, 'QUOTA_INVALID' | 'FORECAST_INVALID'> => {
  const { train } = sold.run;
  const whole = { ...sold.run, composition: sold.composition };
  const classes = new Map<SeatClass, ClassAgain>();
  const ruled = new Set(
    [...rules.quotas, ...rules.forecasts].flatMap((rule) => (rule.train === train ? [rule.seatClass] : [])),
  );
  for (const seatClass of SEAT_CLASSES) {
    if (!hasClass(sold.composition, seatClass) && !ruled.has(seatClass)) continue;
    const chooseAt = sellingOf(rules, whole, seatClass);
    if (!chooseAt.ok) return refuse(chooseAt.refusal.code, `${train}: ${chooseAt.refusal.detail}`);
    const seats = seatsOfClass(sold.run.composition, seatClass);
    classes.set(seatClass, new ClassAgain(seatClass, seats, { run: sold.run, chooseAt: chooseAt.value }));
  }
  const again = new Again(sold, payers, classes);
  for (const step of sold.steps) again.take(step);
  const { outcomes, seatsNotWithdrawn } = again;
  return accept({ outcomes, seatsNotWithdrawn });
};
