import type { Logger } from '@railhead/commands/ports/logger.ts';
import { pino } from 'pino';

/** JSON lines on standard error; personal data and secrets never reach a log call, and these fields would be cut. */
export const createLogger = (level: string): Logger =>
  pino(
    { level, redact: ['*.authorization', '*.secret', '*.idNo', '*.passengers'], base: null },
    pino.destination({ dest: 2, sync: false }),
  );
