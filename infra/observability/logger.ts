import type { Logger } from '@railhead/commands/ports/logger.ts';
import { pino } from 'pino';

/**
 * JSON lines on standard error. Personal data and secrets must not be logged; if these fields are, they are removed.
 */
export const createLogger = (level: string): Logger =>
  pino(
    { level, redact: ['*.authorization', '*.secret', '*.idNo', '*.passengers'], base: null },
    pino.destination({ dest: 2, sync: false }),
  );
