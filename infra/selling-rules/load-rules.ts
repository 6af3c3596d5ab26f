// Reads quotas and demand forecasts from the operator's JSON files. Anything wrong is refused with its place.
import { existsSync, readFileSync } from 'node:fs';
import type { Forecast, QuotaRule } from '@railhead/commands/allocation/quota-rules.ts';
import { SEAT_CLASSES } from '@railhead/domain/kernel/seat-class.ts';
import { z } from 'zod';

export type RulesErrorCode = 'QUOTA_INVALID' | 'FORECAST_INVALID' | 'POLICY_INVALID';

export class SellingRulesError extends Error {
  readonly code: RulesErrorCode;
  constructor(code: RulesErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SellingRulesError';
    this.code = code;
  }
}

const train = z.string().min(1).max(16);
const station = z.string().min(1).max(16);
const seatClass = z.enum(SEAT_CLASSES);
const MAX_RULES = 100_000;
const YEAR_MINUTES = 525_600;

const quota = {
  train,
  seatClass,
  seats: z.int().min(0).max(100_000),
  untilMinutesBefore: z.int().min(0).max(YEAR_MINUTES).default(0),
};

export const quotasSchema = z
  .array(
    z.union([
      z.strictObject({ ...quota, from: station, to: station }),
      z.strictObject({ ...quota, boardingAt: station }),
    ]),
  )
  .max(MAX_RULES);

export const forecastsSchema = z
  .array(
    z.strictObject({
      train,
      seatClass,
      daysOnSale: z.number().positive().max(365),
      demand: z
        .array(z.strictObject({ from: station, to: station, requests: z.number().min(0).max(1_000_000) }))
        .min(1)
        .max(10_000),
    }),
  )
  .max(MAX_RULES);

/** Throws a `SellingRulesError` of this code for a file that is not there or no JSON. */
export const readRules = (code: RulesErrorCode, path: string): unknown => {
  if (!existsSync(path)) throw new SellingRulesError(code, `there is no file ${path}`);
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new SellingRulesError(code, `${path} is not readable JSON`, { cause });
  }
};

/** `where`: the file, and the place in it. */
export const parseRules = <Schema extends z.ZodType>(
  schema: Schema,
  code: RulesErrorCode,
  where: string,
  value: unknown,
): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new SellingRulesError(code, `${where}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};

const load = <Schema extends z.ZodType>(schema: Schema, code: RulesErrorCode, path: string): z.output<Schema> =>
  parseRules(schema, code, path, readRules(code, path));

/** For an empty path there are no rules. Throws `SellingRulesError`. */
export const loadQuotas = (path: string): readonly QuotaRule[] =>
  path === '' ? [] : load(quotasSchema, 'QUOTA_INVALID', path);

export const loadForecasts = (path: string): readonly Forecast[] =>
  path === '' ? [] : load(forecastsSchema, 'FORECAST_INVALID', path);
