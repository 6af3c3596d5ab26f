// The limits of requests, made from the settings.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { networkOf, RequestLimits } from '@railhead/http/request-limits.ts';
import { isOperator, type Route } from '@railhead/http/route.ts';
import type { Rate } from '@railhead/http/token-buckets.ts';
import type { ValuesOf } from '../config/setting.ts';
import { addressOf, networksOf } from './networks.ts';
import type { limitSettings } from './settings.ts';

const rateOf = (perSecond: number, burst: number): Rate | undefined =>
  perSecond === 0 ? undefined : { perSecond, burst };

export const unlimitedUsersOf = ({ unlimitedUsers }: Pick<ValuesOf<typeof limitSettings>, 'unlimitedUsers'>) =>
  new Set(unlimitedUsers.split(',').map((user) => user.trim()));

export const requestLimitsOf = (config: ValuesOf<typeof limitSettings>, clock: Clock) => {
  const users = unlimitedUsersOf(config);
  return new RequestLimits({
    clock,
    account: rateOf(config.accountWritesPerSecond, config.accountWriteBurst),
    address: rateOf(config.addressRequestsPerSecond, config.addressBurst),
    isExemptAddress: networksOf(config.unlimitedAddresses),
    isExemptCaller: (caller) => isOperator(caller) || users.has(caller.userId),
  });
};

/** Paths of requests that are never refused for coming too often. */
const unlimitedPaths = (routes: readonly Route[]): ReadonlySet<string> =>
  new Set(routes.filter(({ unlimited }) => unlimited === true).map(({ path }) => path));

/** Counts a request for its address, and gives the line it stands in. Throws `Problem` RATE_LIMITED. */
export const admission = (
  config: ValuesOf<typeof limitSettings>,
  routes: readonly Route[],
  limits: RequestLimits,
): ((request: IncomingMessage, response: ServerResponse) => string) => {
  const [isTrustedProxy, paths] = [networksOf(config.trustedProxies), unlimitedPaths(routes)];
  return ({ url = '', headers, socket }, response) => {
    const [path = ''] = url.split('?', 1);
    // In a line of its own, so that no flood of anything else is before it.
    if (paths.has(path)) return path;
    const address = addressOf(socket.remoteAddress ?? '', headers['x-forwarded-for']?.toString(), isTrustedProxy);
    const network = networkOf(address);
    limits.countAddress(address, network, response);
    return network;
  };
};
