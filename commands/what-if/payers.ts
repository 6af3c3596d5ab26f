// Which orders are paid of those that got no seats when the run was sold, and get some now: the same under every policy.
import { hash } from 'node:crypto';

export type Payers = {
  readonly pays: (orderNo: string) => boolean;
  /** How long the seats of those who do not pay are held. */
  readonly paymentMs: number;
};

/** A share of all orders pays, 0 to 1: which ones follows from their numbers. */
export const payersOf = (share: number, paymentMs: number): Payers => ({
  pays: (orderNo) => share >= 1 || Number.parseInt(hash('sha256', orderNo, 'hex').slice(0, 8), 16) < share * 2 ** 32,
  paymentMs,
});

/** Orders that nobody pays for, by when their time is over. */
export class Unpaid {
  /** The first to end stands last. */
  readonly #waiting: { readonly orderNo: string; readonly endsMs: number }[] = [];

  add(orderNo: string, endsMs: number): void {
    let [low, high] = [0, this.#waiting.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#waiting[middle]?.endsMs ?? 0) > endsMs) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, { orderNo, endsMs });
  }

  /** Those whose time is over; each is told once. */
  *dueAt(nowMs: number): Iterable<string> {
    for (let next = this.#waiting.at(-1); next !== undefined && next.endsMs <= nowMs; next = this.#waiting.at(-1)) {
      this.#waiting.pop();
      yield next.orderNo;
    }
  }
}
