// Every setting of Railhead, in one place: its name, what it accepts, its default, and what it means.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isZone } from '@railhead/commands/time/zone.ts';
import { z } from 'zod';

type Setting<Schema extends z.ZodType = z.ZodType> = {
  readonly schema: Schema;
  readonly usual: z.output<Schema>;
  /** The environment variable. */
  readonly env: string;
  readonly about: string;
  /** Never shown. `made` at the first start if nobody gives one. */
  readonly secret?: 'made' | 'given';
};

const setting = <Schema extends z.ZodType>(
  schema: Schema,
  usual: z.output<Schema>,
  env: string,
  about: string,
  secret?: 'made' | 'given',
): Setting<Schema> => ({ schema, usual, env, about, ...(secret === undefined ? {} : { secret }) });

const dataHome = (): string => join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'railhead');

/** A whole number, also as text; the empty text is none. */
const whole = (least: number, most: number) =>
  z.preprocess((value) => (value === '' ? Number.NaN : value), z.coerce.number().int().min(least).max(most));
/** Empty: made at the first start and kept in the data folder. */
const secretText = z.string().refine((text) => text === '' || text.length >= 16, 'must have at least 16 characters');

/** Empty, or what the adapter takes; files it names are looked for when it is used. */
const connectionString = z
  .string()
  .refine(
    (text) => text === '' || /^esdb(?:\+discover)?:\/\/\S+$/.test(text),
    'must begin with esdb:// or esdb+discover://',
  );

export const SETTINGS = {
  data: setting(z.string().min(1), dataHome(), 'RAILHEAD_DATA', 'folder of the log, the read models and the secrets'),
  port: setting(whole(0, 65_535), 8080, 'RAILHEAD_PORT', 'port of the HTTP server; 0 picks a free one'),
  host: setting(z.string().min(1), '127.0.0.1', 'RAILHEAD_HOST', 'address the HTTP server listens on'),
  bodyLimitBytes: setting(whole(1_024, 10_485_760), 65_536, 'RAILHEAD_BODY_LIMIT_BYTES', 'largest request body'),
  shutdownSeconds: setting(whole(1, 300), 10, 'RAILHEAD_SHUTDOWN_SECONDS', 'how long a stop waits for open requests'),
  saleDays: setting(whole(1, 60), 15, 'RAILHEAD_SALE_DAYS', 'days on sale, today included'),
  timeZone: setting(
    z.string().refine(isZone, 'must be the IANA name of a time zone, such as Europe/Berlin'),
    'Asia/Shanghai',
    'RAILHEAD_TIME_ZONE',
    "the railway's zone, daylight saving time included; runs on sale keep the zone they were opened in",
  ),
  paymentMinutes: setting(
    z.coerce.number().min(0.01).max(1_440),
    15,
    'RAILHEAD_PAYMENT_MINUTES',
    'how long held seats wait for their payment',
  ),
  assignMinutes: setting(
    whole(1, 43_200),
    60,
    'RAILHEAD_ASSIGN_MINUTES',
    'how long before departure seats sold by count are given out, and their sale ends',
  ),
  idempotencyDays: setting(
    whole(1, 365),
    7,
    'RAILHEAD_IDEMPOTENCY_DAYS',
    'how long an idempotency key names one order',
  ),
  queueLimit: setting(whole(1, 1_000_000), 50_000, 'RAILHEAD_QUEUE_LIMIT', 'requests that may wait for one run'),
  store: setting(
    z.enum(['auto', 'embedded', 'esdb']),
    'auto',
    'RAILHEAD_STORE',
    'event store: embedded in the data folder, or esdb; auto is esdb if there is a connection string',
  ),
  esdbUrl: setting(
    connectionString,
    '',
    'RAILHEAD_ESDB_URL',
    'connection string of EventStoreDB, such as esdb://127.0.0.1:2113?tls=false',
    'given',
  ),
  esdbShards: setting(
    z.string(),
    '',
    'RAILHEAD_ESDB_SHARDS',
    'JSON file that names several EventStoreDB clusters, and trains with a place of their own',
  ),
  maxLogBytes: setting(
    whole(0, Number.MAX_SAFE_INTEGER),
    0,
    'RAILHEAD_MAX_LOG_BYTES',
    'largest size of the event log; 0 for no limit but the disk',
  ),
  timetable: setting(
    z.string(),
    '',
    'RAILHEAD_TIMETABLE',
    'timetable imported at start: a .jsonl[.gz] file, a GTFS folder or .zip; empty for the sample',
  ),
  rollingStock: setting(
    z.string(),
    '',
    'RAILHEAD_ROLLING_STOCK',
    'folder with compositions, tariffs and train kinds of your own',
  ),
  quotas: setting(z.string(), '', 'RAILHEAD_QUOTAS', 'JSON file of quotas: seats kept for long journeys or stations'),
  forecast: setting(
    z.string(),
    '',
    'RAILHEAD_FORECAST',
    'JSON file of demand forecasts: seats are sold for what they are worth to it',
  ),
  authSecret: setting(
    secretText,
    '',
    'RAILHEAD_AUTH_SECRET',
    'signs the tokens; empty: made at the first start',
    'made',
  ),
  tokenHours: setting(whole(1, 8_760), 24, 'RAILHEAD_TOKEN_HOURS', 'life of a token from `railhead token`'),
  gatewaySecret: setting(
    secretText,
    '',
    'RAILHEAD_GATEWAY_SECRET',
    'shared with the payment gateway; empty: made at the first start',
    'made',
  ),
  gatewayUrl: setting(
    z.union([z.literal(''), z.url()]),
    '',
    'RAILHEAD_GATEWAY_URL',
    'sandbox gateway run elsewhere; empty: served by this process',
  ),
  callbackToleranceSeconds: setting(
    whole(1, 86_400),
    300,
    'RAILHEAD_CALLBACK_TOLERANCE_SECONDS',
    'how old the signature of a payment notice may be',
  ),
  logLevel: setting(
    z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    'warn',
    'RAILHEAD_LOG_LEVEL',
    'what is logged',
  ),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
export type Config = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };
export type Origin = 'default' | 'file' | 'environment' | 'flag';
