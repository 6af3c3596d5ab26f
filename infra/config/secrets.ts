// Secrets that nobody configured: made once, kept in the data folder, readable by its owner only.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../timetable/error-code.ts';
import { ConfigError } from './load-config.ts';
import type { Config } from './settings.ts';

const shape = z.object({ authSecret: z.string().min(16), gatewaySecret: z.string().min(16) });

const SECRET_BYTES = 32;

/** The configuration with both secrets in place. Two processes that begin at once agree: the first file stays. */
export const withSecrets = (config: Config): Config => {
  if (config.authSecret !== '' && config.gatewaySecret !== '') return config;
  const made = secretsIn(config.data);
  return {
    ...config,
    authSecret: config.authSecret || made.authSecret,
    gatewaySecret: config.gatewaySecret || made.gatewaySecret,
  };
};

const secretsIn = (folder: string): z.output<typeof shape> => {
  const path = join(folder, 'secrets.json');
  const secret = (): string => randomBytes(SECRET_BYTES).toString('base64url');
  mkdirSync(folder, { recursive: true });
  try {
    const fresh = JSON.stringify({ authSecret: secret(), gatewaySecret: secret() });
    writeFileSync(path, fresh, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const parsed = shape.safeParse(jsonIn(path));
  if (!parsed.success) throw new ConfigError('CONFIG_INVALID', `${path} does not hold the secrets`);
  return parsed.data;
};

/** Undefined where the file is no JSON: its writing was cut off. */
const jsonIn = (path: string): unknown => {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
