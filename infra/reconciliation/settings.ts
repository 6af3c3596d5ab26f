import { type Settings, setting, whole } from '../config/setting.ts';

export const reconciliationSettings = {
  reconcileEveryMinutes: setting(
    whole(0, 10_080),
    60,
    'RAILHEAD_RECONCILE_EVERY_MINUTES',
    'how often the free seats and orders that are shown are compared with the log; 0: only when somebody asks',
  ),
} as const satisfies Settings;
