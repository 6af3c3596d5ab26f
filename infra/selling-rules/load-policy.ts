// Reads a policy, all selling rules of a railway in one JSON file, to ask what a sale would have come to under it.
import { basename } from 'node:path';
import type { NamedPolicy } from '@railhead/commands/what-if/what-if.ts';
import { SEAT_POLICIES, type SeatPolicyName } from '@railhead/domain/allocation/seat-policies.ts';
import { isWithin } from '@railhead/projections/order-search/slips.ts';
import { z } from 'zod';
import { forecastsSchema, parseRules, quotasSchema, readRules, SellingRulesError } from './load-rules.ts';

const PARTS = ['name', 'seatPolicy', 'quotas', 'forecasts'] as const;
const CODE = 'POLICY_INVALID';

/** Rules have codes of their own, as in the files of a sale. */
const envelope = z.looseObject({ name: z.string().min(1).max(40).optional(), seatPolicy: z.string().optional() });

/** Throws `SellingRulesError`. Without a name of its own a policy is called as its file. */
export const loadPolicy = (path: string): NamedPolicy => {
  const value = parseRules(envelope, CODE, path, readRules(CODE, path));
  for (const key of Object.keys(value))
    if (!isOneOf(PARTS, key)) throw unknown(path, `${key} is no part of a policy`, key, PARTS);
  const { name = basename(path, '.json'), seatPolicy = 'bestFit', quotas = [], forecasts = [] } = value;
  const policies = Object.keys(SEAT_POLICIES);
  if (!isSeatPolicy(seatPolicy)) throw unknown(path, `seatPolicy ${seatPolicy} is unknown`, seatPolicy, policies);
  return {
    name,
    rules: {
      policy: SEAT_POLICIES[seatPolicy],
      quotas: parseRules(quotasSchema, 'QUOTA_INVALID', `${path}, quotas`, quotas),
      forecasts: parseRules(forecastsSchema, 'FORECAST_INVALID', `${path}, forecasts`, forecasts),
    },
  };
};

const isOneOf = (names: readonly string[], name: string): boolean => names.includes(name);
const isSeatPolicy = (name: string): name is SeatPolicyName => Object.hasOwn(SEAT_POLICIES, name);

const unknown = (path: string, what: string, name: string, names: readonly string[]): SellingRulesError => {
  const near = names.find((one) => isWithin(2, one.toLowerCase(), name.toLowerCase()));
  const meant = near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`;
  return new SellingRulesError(CODE, `${path}: ${what}; ${meant}`);
};
