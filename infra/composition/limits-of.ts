// The limits of users and documents, made from the settings.
import { type Limits, NO_LIMITS } from '@railhead/commands/limits/limits.ts';
import type { ValuesOf } from '../config/setting.ts';
import { unlimitedUsersOf } from '../http/request-limits-of.ts';
import type { limitSettings } from '../http/settings.ts';
import type { saleSettings } from './sale-settings.ts';

const limitOf = (setting: number): number => (setting === 0 ? Number.POSITIVE_INFINITY : setting);

/** Whoever sells for many is not limited; the travellers they sell to are. */
export const limitsOf = (config: ValuesOf<typeof limitSettings & typeof saleSettings>): Limits => {
  const unlimited = unlimitedUsersOf(config);
  const forUsers =
    (setting: number) =>
    (userId: string): number =>
      unlimited.has(userId) ? Number.POSITIVE_INFINITY : limitOf(setting);
  return {
    ...NO_LIMITS,
    ticketsPerTrain: forUsers(config.ticketsPerTrainLimit),
    ticketsPerDocument: limitOf(config.ticketsPerDocumentLimit),
    mayOverlap: config.journeysAtOnceLimit === 0,
    unpaidEndsPerDay: forUsers(config.cancelledOrdersLimit),
  };
};
