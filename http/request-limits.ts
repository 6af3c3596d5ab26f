// How often somebody may ask: an address anything, an account and its device for changes. Who asks more often is refused
// with 429 before anything is read or written for it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { deviceOf } from './device.ts';
import { Problem } from './problem.ts';
import type { Caller } from './route.ts';
import { type Rate, TokenBuckets } from './token-buckets.ts';

export type RequestLimitsOptions = {
  readonly clock: Clock;
  /** Undefined: not limited. */
  readonly account: Rate | undefined;
  readonly address: Rate | undefined;
  readonly isExemptAddress: (address: string) => boolean;
  readonly isExemptCaller: (caller: Caller) => boolean;
};

export class RequestLimits {
  readonly #options: RequestLimitsOptions;
  readonly #addresses: TokenBuckets | undefined;
  readonly #accounts: TokenBuckets | undefined;
  readonly #devices: TokenBuckets | undefined;

  constructor(options: RequestLimitsOptions) {
    this.#options = options;
    const bucketsOf = (rate: Rate | undefined) => (rate === undefined ? undefined : new TokenBuckets(rate));
    this.#addresses = bucketsOf(options.address);
    this.#accounts = bucketsOf(options.account);
    this.#devices = bucketsOf(options.account);
  }

  /** Any request of a network (`networkOf`). Throws `Problem` RATE_LIMITED. */
  countAddress(ip: string, network: string, response: ServerResponse): void {
    if (this.#addresses === undefined || this.#options.isExemptAddress(ip)) return;
    this.#count('address', this.#addresses, network, response);
  }

  /** A request that changes something. Throws `Problem` RATE_LIMITED, or INVALID_REQUEST for a device without a name. */
  countWrite(caller: Caller, request: IncomingMessage, response: ServerResponse): void {
    const device = deviceOf(request);
    if (this.#accounts === undefined || this.#options.isExemptCaller(caller)) return;
    if (device !== undefined && this.#devices !== undefined) this.#count('device', this.#devices, device, response);
    this.#count('account', this.#accounts, caller.userId, response);
  }

  /** The header fields of draft-ietf-httpapi-ratelimit-headers-10; those of the account replace those of its address. */
  #count(policy: string, buckets: TokenBuckets, key: string, response: ServerResponse): void {
    const { perSecond, burst } = buckets.rate;
    const { allowed, remaining, fullAfterMs, nextAfterMs } = buckets.take(key, this.#options.clock.now());
    response.setHeader('RateLimit-Policy', `"${policy}";q=${burst};w=${Math.ceil(burst / perSecond)}`);
    response.setHeader('RateLimit', `"${policy}";r=${remaining};t=${Math.ceil(fullAfterMs / 1_000)}`);
    if (allowed) return;
    const retryAfterSeconds = Math.max(1, Math.ceil(nextAfterMs / 1_000));
    const detail = `this ${policy} may ask ${perSecond} times a second, and ${burst} times at once`;
    throw new Problem('RATE_LIMITED', detail, { policy }, { 'Retry-After': String(retryAfterSeconds) });
  }
}

/** Who asks, by address. A subscriber has a whole /64 of IPv6, and an IPv4 address may be written as one of IPv6. */
export const networkOf = (ip: string): string => {
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::', 2);
  const [before, after] = [head, tail].map((part) => part.split(':').filter((group) => group !== ''));
  const groups = [...(before ?? [])];
  if (address.includes('::')) {
    const missing = 8 - groups.length - (after?.length ?? 0);
    groups.push(...Array.from({ length: Math.max(0, missing) }, () => '0'), ...(after ?? []));
  }
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
};
