// The payment gateway. It keeps its own books, notifies the merchant of changes, and knows where all money went.

import type { PaymentNotice } from '@railhead/commands/payments/receive-notice.ts';
import {
  type CloseAnswer,
  GatewayError,
  type GatewayPayment,
  type GatewayRefund,
  type PaymentAtGateway,
  type PaymentGateway,
} from '@railhead/commands/ports/payment-gateway.ts';
import type { Dice } from '../kernel/dice.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Network, Weather } from './network.ts';

export type GatewayAccount = {
  readonly paymentNo: string;
  readonly orderNo: string;
  /** 0 and no order: closed before it was ever registered. */
  readonly amountFen: number;
  status: 'created' | 'paid' | 'declined' | 'closed';
  version: number;
  /** All refunds of the payment; more than was paid would be a loss. */
  refundedFen: number;
  /** Amounts by the number of the refund. */
  readonly refunds: Map<string, number>;
  readonly registeredMs: number;
  paidMs: number;
  /** When somebody first tried to close it, whether or not that reached the gateway. */
  closeTriedMs: number;
  /** Calls about it that got no answer. */
  unanswered: number;
};

/** Delivers a notice to the merchant; true when it was accepted. */
export type Deliver = (notice: PaymentNotice) => Promise<boolean>;

type Pending = { readonly notice: PaymentNotice; attempts: number };

const MAX_ATTEMPTS = 8;
const FIRST_DELAY_MS = 1_000;
const LATE_MS = 20 * 60_000;

export class SimGateway {
  readonly accounts = new Map<string, GatewayAccount>();
  readonly #unheard = new Set<Pending>();
  #awayUntil = 0;
  readonly #scheduler: Scheduler;
  readonly #dice: Dice;
  readonly #weather: Weather;
  readonly #trace: Trace;
  readonly #deliver: Deliver;

  constructor(scheduler: Scheduler, dice: Dice, weather: Weather, trace: Trace, deliver: Deliver) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#weather = weather;
    this.#trace = trace;
    this.#deliver = deliver;
  }

  get unheard(): number {
    return this.#unheard.size;
  }

  register({ paymentNo, orderNo, amountFen }: GatewayPayment): void {
    const known = this.accounts.get(paymentNo);
    if (known?.status === 'closed')
      throw new GatewayError('GATEWAY_REFUSED', 'the payment is closed', { isTaken: true });
    if (known === undefined) this.#open(paymentNo, orderNo, amountFen, 'created');
    else if (known.amountFen !== amountFen)
      throw new GatewayError('GATEWAY_REFUSED', 'the payment has another amount', { isTaken: true });
  }

  forget(paymentNo: string): void {
    if (this.accounts.get(paymentNo)?.status === 'created') this.accounts.delete(paymentNo);
  }

  /** The payer pays or is declined. False: the gateway has no such payment, or it is paid already. */
  pay(paymentNo: string, outcome: 'paid' | 'declined'): boolean {
    const account = this.accounts.get(paymentNo);
    if (account === undefined || account.status === 'paid' || account.status === 'closed') return false;
    account.status = outcome;
    if (outcome === 'paid') account.paidMs = this.#scheduler.now;
    account.version += 1;
    const { amountFen, version } = account;
    this.#trace.step('gateway', `${outcome} ${paymentNo} v${version}`);
    this.#tell({ paymentNo, outcome, version, amountFen, gatewayRef: `ref-${paymentNo}-${version}` });
    return true;
  }

  query(paymentNo: string): PaymentAtGateway {
    const account = this.accounts.get(paymentNo);
    if (account === undefined) return { status: 'unknown' };
    const { status, version, amountFen } = account;
    if (status === 'created') return { status: 'open' };
    if (status === 'closed') return { status };
    return { status, version, amountFen, gatewayRef: `ref-${paymentNo}-${version}` };
  }

  /** Closes a payment unless it is paid, also one that nobody has registered yet. */
  close(paymentNo: string): CloseAnswer {
    const account = this.accounts.get(paymentNo) ?? this.#open(paymentNo, '', 0, 'created');
    if (account.status !== 'paid') account.status = 'closed';
    this.#trace.step('gateway', `close ${paymentNo}: ${account.status}`);
    const said = this.query(paymentNo);
    return said.status === 'paid' ? (said as CloseAnswer) : { status: 'closed' }; // safe cast: of that status
  }

  #open(paymentNo: string, orderNo: string, amountFen: number, status: GatewayAccount['status']): GatewayAccount {
    const registeredMs = this.#scheduler.now;
    const nothing = { version: 0, refundedFen: 0, refunds: new Map<string, number>() };
    const account = { paymentNo, orderNo, amountFen, status, ...nothing, registeredMs };
    const opened = { ...account, paidMs: 0, closeTriedMs: 0, unanswered: 0 };
    this.accounts.set(paymentNo, opened);
    return opened;
  }

  get isAway(): boolean {
    return this.#scheduler.now < this.#awayUntil;
  }

  goAway(ms: number): void {
    this.#awayUntil = this.#scheduler.now + ms;
  }

  comeBack(): void {
    this.#awayUntil = 0;
  }

  /** Sends each refund once, however often it is asked for, and never more than was paid. */
  refund({ paymentNo, refundNo, amountFen }: GatewayRefund): string {
    const account = this.accounts.get(paymentNo);
    if (account?.status !== 'paid') throw new GatewayError('GATEWAY_REFUSED', `${paymentNo} was not paid`);
    if (!account.refunds.has(refundNo)) {
      if (account.refundedFen + amountFen > account.amountFen)
        throw new GatewayError('GATEWAY_REFUSED', `${refundNo} is more than is left of ${paymentNo}`);
      account.refunds.set(refundNo, amountFen);
      account.refundedFen += amountFen;
    }
    this.#trace.step('gateway', `refund ${paymentNo}`);
    return `refund-${refundNo}`;
  }

  /** At the end of the day the gateway sends every notice again that was never acknowledged. */
  goThroughBooks(): void {
    for (const pending of this.#unheard) {
      pending.attempts = 0;
      this.#send(pending, 0);
    }
  }

  #tell(notice: PaymentNotice): void {
    const { faults } = this.#weather;
    const pending = { notice, attempts: 0 };
    if (this.#dice.fork(`never ${notice.paymentNo} ${notice.version}`).chance(faults.noticeNever)) {
      this.#trace.incident('gateway', `noticeNever: ${notice.paymentNo}`);
      return;
    }
    this.#unheard.add(pending);
    if (this.#dice.chance(faults.noticeLost)) {
      this.#trace.incident('gateway', `noticeLost: ${notice.paymentNo}`);
      return;
    }
    const copies = this.#dice.chance(faults.noticeTwice) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1)
      this.#send(pending, this.#dice.chance(faults.noticeLate) ? this.#dice.next() * LATE_MS : this.#dice.next() * 50);
  }

  #send(pending: Pending, delayMs: number): void {
    this.#scheduler.after(delayMs, () => {
      void this.#deliver(pending.notice)
        .catch(() => false)
        .then((heard) => {
          if (heard) {
            this.#unheard.delete(pending);
            return;
          }
          pending.attempts += 1;
          if (pending.attempts < MAX_ATTEMPTS) this.#send(pending, FIRST_DELAY_MS * 2 ** pending.attempts);
        });
    });
  }
}

const gone = (): GatewayError => new GatewayError('GATEWAY_UNAVAILABLE', 'simulated: not reached');

/** The gateway as one process sees it, over its network. */
export const gatewayClient = (gateway: SimGateway, network: Network): PaymentGateway => {
  const unanswered = (paymentNo: string): void => {
    const account = gateway.accounts.get(paymentNo);
    if (account !== undefined) account.unanswered += 1;
  };
  const call = <Value>(verb: string, paymentNo: string, work: () => Value): Promise<Value> =>
    new Promise((resolve, reject) => {
      const what = `${verb} ${paymentNo}`;
      if (gateway.isAway || network.strikes('gatewayFails', what)) {
        unanswered(paymentNo);
        return network.answer(network.timeout(), () => reject(gone()));
      }
      network.scheduler.after(network.latency() * 5, () => {
        let value: Value;
        try {
          value = work();
        } catch (error) {
          return network.answer(network.latency(), () => reject(error));
        }
        if (network.strikes('gatewayUnknown', what)) {
          unanswered(paymentNo);
          network.answer(network.timeout(), () => reject(gone()));
        } else network.answer(network.latency(), () => resolve(value));
      });
    });
  return {
    createPayment: (payment) =>
      call('register', payment.paymentNo, () => {
        gateway.register(payment);
        if (network.strikes('gatewayForgets', payment.paymentNo)) gateway.forget(payment.paymentNo);
        return { payUrl: payment.paymentNo };
      }),
    query: ({ paymentNo }) => call('query', paymentNo, () => gateway.query(paymentNo)),
    close: ({ paymentNo }) => {
      const account = gateway.accounts.get(paymentNo);
      if (account?.closeTriedMs === 0) account.closeTriedMs = network.scheduler.now;
      return call('close', paymentNo, () => gateway.close(paymentNo));
    },
    refund: (refund) => call('refund', refund.paymentNo, () => ({ gatewayRef: gateway.refund(refund) })),
  };
};
