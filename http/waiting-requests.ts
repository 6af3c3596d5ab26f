// Requests that wait for a decision while their connection is open: so many of one account, and so many in all. Each costs
// memory for as long as it waits; whoever finds no place is answered at once.

export type WaitingLimits = { readonly inAll: number; readonly ofAccount: number };

/** Whose limit is reached. */
export type NoPlace = 'account' | 'all';

export class WaitingRequests {
  readonly #limits: WaitingLimits;
  readonly #accounts = new Map<string, number>();
  #waiting = 0;

  constructor(limits: WaitingLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** A function that gives the place back, to be called once; or why there is none. */
  take(userId: string): (() => void) | NoPlace {
    const own = this.#accounts.get(userId) ?? 0;
    if (own >= this.#limits.ofAccount) return 'account';
    if (this.#waiting >= this.#limits.inAll) return 'all';
    this.#accounts.set(userId, own + 1);
    this.#waiting += 1;
    return () => this.#giveBack(userId);
  }

  #giveBack(userId: string): void {
    this.#waiting -= 1;
    const left = (this.#accounts.get(userId) ?? 1) - 1;
    if (left === 0) this.#accounts.delete(userId);
    else this.#accounts.set(userId, left);
  }
}
