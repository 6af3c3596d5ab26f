// The limits of requests, made from the settings.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { RequestLimits } from '@railhead/http/request-limits.ts';
import { isOperator } from '@railhead/http/route.ts';
import type { Rate } from '@railhead/http/token-buckets.ts';
import type { ValuesOf } from '../config/setting.ts';
import { networksOf } from './networks.ts';
import type { limitSettings } from './settings.ts';

const rateOf = (perSecond: number, burst: number): Rate | undefined =>
  perSecond === 0 ? undefined : { perSecond, burst };

export const unlimitedUsersOf = ({ unlimitedUsers }: Pick<ValuesOf<typeof limitSettings>, 'unlimitedUsers'>) =>
  new Set(unlimitedUsers.split(',').map((user) => user.trim()));

export const requestLimitsOf = (config: ValuesOf<typeof limitSettings>, clock: Clock) => {
  const users = unlimitedUsersOf(config);
  const limits = new RequestLimits({
    clock,
    account: rateOf(config.accountWritesPerSecond, config.accountWriteBurst),
    address: rateOf(config.addressRequestsPerSecond, config.addressBurst),
    isExemptAddress: networksOf(config.unlimitedAddresses),
    isExemptCaller: (caller) => isOperator(caller) || users.has(caller.userId),
  });
  return { limits, isTrustedProxy: networksOf(config.trustedProxies) };
};
