// What several parts of `railhead replay` are asked by: a kind, a name, moments; and the log that they read.
import type { Result } from '@railhead/domain/kernel/decision.ts';
import { openLog } from '@railhead/infra/composition/open-store.ts';
import type { SettingName } from '@railhead/infra/config/settings.ts';
import { pagesOf } from '@railhead/infra/eventstore/log-view.ts';
import { isWithin } from '@railhead/projections/order-search/slips.ts';
import type { AskedNow } from '@railhead/projections/past/moment.ts';
import type { PastLog } from '@railhead/projections/past/past-log.ts';
import { type OrdersOfUser, ordersInLog } from '@railhead/projections/past/past-user.ts';
import { KINDS, type Kind } from '@railhead/projections/past/things.ts';
import { RefusedByLog, UsageError } from '../../exit-codes.ts';
import { type ConfigOptions, configOf, LOG_SETTINGS } from '../../options.ts';
import { Progress } from '../../output.ts';

export const PAST_SETTINGS: readonly SettingName[] = [...LOG_SETTINGS, 'timeZone'];

export const NAMES_HELP = `
Names: order 7QHV2M0KX4RD, run G1/2026-12-01, class G1/2026-12-01/second, user alice; also those of streams.
Moments: a position of the log, or a time: 2026-12-01T09:00:00+08:00, or by the railway's clock 2026-12-01T09:00.`;

/** Throws what ends the command with the code of the refusal. */
export const taken = <Value>(result: Result<Value>): Value => {
  if (result.ok) return result.value;
  throw new RefusedByLog(result.refusal);
};

export const kindNamed = (text: string): Kind => {
  const kind = KINDS.find((each) => each === text);
  if (kind !== undefined) return kind;
  const near = KINDS.find((each) => isWithin(2, each, text.toLowerCase()));
  const meant = near === undefined ? `there are ${KINDS.join(', ')}` : `did you mean ${near}?`;
  throw new RefusedByLog({ code: 'KIND_UNKNOWN', detail: `${text} is no kind: ${meant}` });
};

export const limitOf = (text: string, most: number): number => {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > most)
    throw new UsageError(`--limit must be a number from 1 to ${most}, not ${text}`);
  return limit;
};

export type OpenPast = { readonly log: PastLog; readonly orders: OrdersOfUser; readonly now: AskedNow };

/** Opens the log for as long as the work takes. `quiet`: no progress where all of the log is read. */
export const withPast = async <Value>(
  options: ConfigOptions,
  quiet: boolean,
  work: (past: OpenPast) => Promise<Value>,
): Promise<Value> => {
  const { config } = configOf(options);
  const view = await openLog(config);
  try {
    const log = pagesOf(view);
    const progress = new Progress('Orders of the user', { quiet });
    const end = await log.lastPosition();
    const orders = ordersInLog(log, (position) => progress.update(position, end));
    const counted: OrdersOfUser = {
      first: (userId) => orders.first(userId),
      newest: async (...asked) => {
        const found = await orders.newest(...asked);
        progress.end(`${found.orderNos.length} found by reading the log to position ${asked[1]}`);
        return found;
      },
    };
    return await work({ log, orders: counted, now: { nowMs: Date.now(), zone: config.timeZone } });
  } finally {
    await view.close();
  }
};
