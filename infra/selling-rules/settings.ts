import { z } from 'zod';
import { type Settings, setting } from '../config/setting.ts';

export const sellingRulesSettings = {
  quotas: setting(z.string(), '', 'RAILHEAD_QUOTAS', 'JSON file of quotas: seats kept for long journeys or stations'),
  forecast: setting(
    z.string(),
    '',
    'RAILHEAD_FORECAST',
    'JSON file of demand forecasts: seats are sold for what they are worth to it',
  ),
} as const satisfies Settings;
