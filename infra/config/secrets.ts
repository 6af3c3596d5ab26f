// Secrets that are not configured: made once, and kept in the data folder, readable by its owner only.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../timetable/error-code.ts';
import { ConfigError } from './load-config.ts';
import { privateFolder } from './private-folder.ts';
import type { Config } from './settings.ts';

const secretShape = z.string().min(16);
const tokensShape = z.object({ authSecret: secretShape, gatewaySecret: secretShape });
const ordersShape = z.object({ orderSecret: secretShape, ordersKeyedSince: z.iso.datetime().optional() });

const SECRET_BYTES = 32;
const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** Files that only a railway that has served has in its folder: its log, or the mark of one that lies elsewhere. */
const SERVED = ['events.db', 'log.json'];

/** The configuration with all secrets in place. Two processes that begin at once agree: the first file stays. */
export const withSecrets = (config: Config): Config => withOrderSecret(withTokenSecrets(config));

const withTokenSecrets = (config: Config): Config => {
  if (config.authSecret !== '' && config.gatewaySecret !== '') return config;
  const fresh = { authSecret: newSecret(), gatewaySecret: newSecret() };
  const made = madeOnce(config.data, 'secrets.json', tokensShape, fresh);
  return {
    ...config,
    authSecret: config.authSecret || made.authSecret,
    gatewaySecret: config.gatewaySecret || made.gatewaySecret,
  };
};

/** In a file of its own: folders of earlier versions, which had no such secret, keep their other secrets. */
const withOrderSecret = (config: Config): Config => {
  if (config.orderSecret !== '') return config;
  const hasServed = SERVED.some((name) => existsSync(join(config.data, name)));
  const fresh = {
    orderSecret: newSecret(),
    ...(hasServed ? { ordersKeyedSince: new Date().toISOString() } : {}),
  };
  const { orderSecret, ordersKeyedSince = '' } = madeOnce(config.data, 'order-secret.json', ordersShape, fresh);
  return { ...config, orderSecret, ordersKeyedSince: config.ordersKeyedSince || ordersKeyedSince };
};

/** What the file holds, which is `fresh` if it was not there. */
const madeOnce = <Shape extends z.ZodType>(
  folder: string,
  name: string,
  shape: Shape,
  fresh: z.output<Shape>,
): z.output<Shape> => {
  const path = join(folder, name);
  privateFolder(folder);
  try {
    writeFileSync(path, JSON.stringify(fresh), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const parsed = shape.safeParse(jsonIn(path));
  if (!parsed.success) throw new ConfigError('CONFIG_INVALID', `${path} does not hold the secrets`);
  return parsed.data;
};

/** Undefined for a file that is not JSON: a process died while it wrote it. */
const jsonIn = (path: string): unknown => {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
