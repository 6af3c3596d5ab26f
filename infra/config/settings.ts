// The settings of each role, collected from its parts. `railhead doctor` lists them in this order.
import { queueSettings } from '../composition/queue-settings.ts';
import { saleSettings } from '../composition/sale-settings.ts';
import { waitlistSettings } from '../composition/waitlist-settings.ts';
import { logSettings } from '../eventstore/settings.ts';
import { httpSettings, limitSettings, tokenSettings } from '../http/settings.ts';
import { loggingSettings } from '../observability/settings.ts';
import { paymentSettings } from '../payment/settings.ts';
import { reconciliationSettings } from '../reconciliation/settings.ts';
import { readCacheSettings } from '../redis/settings.ts';
import { rollingStockSettings } from '../rolling-stock/settings.ts';
import { searchSettings } from '../search/settings.ts';
import { sellingRulesSettings } from '../selling-rules/settings.ts';
import { readSideSettings } from '../sql/settings.ts';
import { stationSettings } from '../stations/settings.ts';
import { timetableSettings } from '../timetable/settings.ts';
import { dataFolderSettings } from './data-folder.ts';
import type { Settings, ValuesOf } from './setting.ts';

/** `infra/composition/roles.ts` says which modules each of them runs. */
const SETTINGS_BY_ROLE = {
  up: {
    ...dataFolderSettings,
    ...httpSettings,
    ...limitSettings,
    ...saleSettings,
    ...queueSettings,
    ...waitlistSettings,
    ...logSettings,
    ...readSideSettings,
    ...readCacheSettings,
    ...searchSettings,
    ...timetableSettings,
    ...rollingStockSettings,
    ...sellingRulesSettings,
    ...stationSettings,
    ...tokenSettings,
    ...paymentSettings,
    ...reconciliationSettings,
    ...loggingSettings,
  },
} as const satisfies Readonly<Record<string, Settings>>;

export type ProcessRole = keyof typeof SETTINGS_BY_ROLE;
export const settingsOf = <Role extends ProcessRole>(role: Role): (typeof SETTINGS_BY_ROLE)[Role] =>
  SETTINGS_BY_ROLE[role];
export type ConfigOf<Role extends ProcessRole> = ValuesOf<(typeof SETTINGS_BY_ROLE)[Role]>;

/** All settings: the role `up` has all parts. */
export const SETTINGS = settingsOf('up');
export type SettingName = keyof typeof SETTINGS;
export type Config = ConfigOf<'up'>;
export type Origin = 'default' | 'file' | 'environment' | 'flag';
