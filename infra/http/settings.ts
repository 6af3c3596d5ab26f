import { z } from 'zod';
import { type Settings, secretText, setting, whole } from '../config/setting.ts';

export const httpSettings = {
  port: setting(whole(0, 65_535), 8080, 'RAILHEAD_PORT', 'port of the HTTP server; 0 picks a free one'),
  host: setting(z.string().min(1), '127.0.0.1', 'RAILHEAD_HOST', 'address the HTTP server listens on'),
  bodyLimitBytes: setting(whole(1_024, 10_485_760), 65_536, 'RAILHEAD_BODY_LIMIT_BYTES', 'largest request body'),
  shutdownSeconds: setting(whole(1, 300), 10, 'RAILHEAD_SHUTDOWN_SECONDS', 'how long a stop waits for open requests'),
} as const satisfies Settings;

/** Settings of the tokens that name callers. */
export const tokenSettings = {
  authSecret: setting(
    secretText,
    '',
    'RAILHEAD_AUTH_SECRET',
    'signs the tokens; empty: made at the first start',
    'made',
  ),
  tokenHours: setting(whole(1, 8_760), 24, 'RAILHEAD_TOKEN_HOURS', 'life of a token from `railhead token`'),
} as const satisfies Settings;
