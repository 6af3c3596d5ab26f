import { z } from 'zod';
import { type Settings, setting } from '../config/setting.ts';

export const stationSettings = {
  stationAliases: setting(
    z.string(),
    '',
    'RAILHEAD_STATION_ALIASES',
    'JSON file of other names of places, in place of those that come with Railhead',
  ),
} as const satisfies Settings;
