import { z } from 'zod';
import { type Settings, setting } from '../config/setting.ts';

export const loggingSettings = {
  logLevel: setting(
    z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    'warn',
    'RAILHEAD_LOG_LEVEL',
    'what is logged',
  ),
} as const satisfies Settings;
