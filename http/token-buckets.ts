// Token buckets by key: so many requests at once, and so many a second from then on. What they remember is bounded.
import { LRUCache } from 'lru-cache';

export type Rate = { readonly perSecond: number; readonly burst: number };

export type Taken = {
  readonly allowed: boolean;
  /** Whole tokens that are left. */
  readonly remaining: number;
  /** Until the bucket is full again. */
  readonly fullAfterMs: number;
  /** Until the next token; 0 if there is one. */
  readonly nextAfterMs: number;
};

/** The bucket that was used longest ago is forgotten first, and is then full again. */
const MAX_KEPT = 50_000;
/** Instants of today in milliseconds are exact to a five-thousandth. */
const ROUNDING_MS = 0.01;

export class TokenBuckets {
  readonly rate: Rate;
  /** When each bucket is full again. A bucket that is not here is full. */
  readonly #fullAtMs: LRUCache<string, number>;

  constructor(rate: Rate, maxKept = MAX_KEPT) {
    this.rate = rate;
    this.#fullAtMs = new LRUCache({ max: maxKept });
  }

  /** How many are remembered. */
  get size(): number {
    return this.#fullAtMs.size;
  }

  take(key: string, nowMs: number): Taken {
    const { perSecond, burst } = this.rate;
    const tokenMs = 1_000 / perSecond;
    const recorded = (this.#fullAtMs.get(key) ?? nowMs) - nowMs;
    // A clock that was set back would otherwise keep the bucket empty for as long.
    const missingMs = Math.min(burst * tokenMs + ROUNDING_MS, Math.max(0, recorded));
    const waitMs = missingMs - (burst - 1) * tokenMs;
    const allowed = waitMs <= ROUNDING_MS;
    const nextAfterMs = allowed ? 0 : waitMs;
    const fullAfterMs = allowed ? missingMs + tokenMs : missingMs;
    this.#fullAtMs.set(key, nowMs + fullAfterMs);
    const remaining = Math.floor(burst - (fullAfterMs - ROUNDING_MS) / tokenMs);
    return { allowed, remaining: Math.max(0, remaining), fullAfterMs, nextAfterMs };
  }
}
