import { z } from 'zod';
import { type Settings, secretText, setting, whole } from '../config/setting.ts';
import { networksText } from './networks.ts';

export const httpSettings = {
  port: setting(whole(0, 65_535), 8080, 'RAILHEAD_PORT', 'port of the HTTP server; 0 picks a free one'),
  host: setting(z.string().min(1), '127.0.0.1', 'RAILHEAD_HOST', 'address the HTTP server listens on'),
  bodyLimitBytes: setting(whole(1_024, 10_485_760), 65_536, 'RAILHEAD_BODY_LIMIT_BYTES', 'largest request body'),
  shutdownSeconds: setting(whole(1, 300), 10, 'RAILHEAD_SHUTDOWN_SECONDS', 'how long a stop waits for open requests'),
} as const satisfies Settings;

/** Settings of how often, and how much at once, somebody may ask. */
export const limitSettings = {
  accountWritesPerSecond: setting(
    whole(0, 1_000_000),
    3,
    'RAILHEAD_ACCOUNT_WRITES_PER_SECOND',
    'changes that an account, and a device, may ask for in a second; 0: not limited',
  ),
  accountWriteBurst: setting(
    whole(1, 1_000_000),
    10,
    'RAILHEAD_ACCOUNT_WRITE_BURST',
    'changes that an account, and a device, may ask for at once',
  ),
  addressRequestsPerSecond: setting(
    whole(0, 1_000_000),
    200,
    'RAILHEAD_ADDRESS_REQUESTS_PER_SECOND',
    'requests of one address in a second; 0: not limited',
  ),
  addressBurst: setting(
    whole(1, 1_000_000),
    400,
    'RAILHEAD_ADDRESS_BURST',
    'requests of one address at once; a school or a company may be one address',
  ),
  unlimitedAddresses: setting(
    networksText,
    'loopback',
    'RAILHEAD_UNLIMITED_ADDRESSES',
    'addresses and networks that are not limited, with commas between',
  ),
  unlimitedUsers: setting(
    z.string(),
    '',
    'RAILHEAD_UNLIMITED_USERS',
    'users that are not limited, such as services, with commas between; operators never are',
  ),
  requestQueueLimit: setting(
    whole(1, 1_000_000),
    10_000,
    'RAILHEAD_REQUEST_QUEUE_LIMIT',
    'requests that may be in line for the process to begin with them',
  ),
  addressQueueLimit: setting(
    whole(1, 1_000_000),
    2_000,
    'RAILHEAD_ADDRESS_QUEUE_LIMIT',
    'of these, requests of one address',
  ),
  waitingLimit: setting(
    whole(1, 100_000),
    1_000,
    'RAILHEAD_WAITING_LIMIT',
    'requests that may wait for a decision at once, by Prefer: wait or an event stream',
  ),
  accountWaitingLimit: setting(
    whole(1, 100_000),
    10,
    'RAILHEAD_ACCOUNT_WAITING_LIMIT',
    'of these, requests of one account',
  ),
  trustedProxies: setting(
    networksText,
    '',
    'RAILHEAD_TRUSTED_PROXIES',
    'addresses and networks of proxies whose X-Forwarded-For is believed, with commas between',
  ),
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
