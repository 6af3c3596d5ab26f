import { z } from 'zod';
import { type Settings, setting } from '../config/setting.ts';

export const rollingStockSettings = {
  rollingStock: setting(
    z.string(),
    '',
    'RAILHEAD_ROLLING_STOCK',
    'folder with compositions, tariffs and train kinds of your own',
  ),
} as const satisfies Settings;
