// Finds the value of every setting: default, then file, then environment, then flag. Every value keeps its origin.
import { existsSync, readFileSync } from 'node:fs';
import { readSideComplaint } from '../sql/settings.ts';
import { type Config, type Origin, SETTINGS, type SettingName } from './settings.ts';

export type LoadedConfig = { readonly config: Config; readonly origins: Readonly<Record<SettingName, Origin>> };

/** A setting is wrong or unknown; the message names all of them. */
export class ConfigError extends Error {
  readonly code: 'CONFIG_INVALID' | 'CONFIG_FILE_UNREADABLE';
  constructor(code: 'CONFIG_INVALID' | 'CONFIG_FILE_UNREADABLE', message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
    this.code = code;
  }
}

export type ConfigSources = {
  /** The values of given flags; undefined counts as not given. */
  readonly flags: Readonly<Partial<Record<SettingName, unknown>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of a JSON file with settings by name. Must exist if named. */
  readonly file: string | undefined;
};

const names = Object.keys(SETTINGS) as readonly SettingName[];

const PREFIX = 'RAILHEAD_';
/** The file of settings, and what the tests of this repository read. */
const OTHER_VARIABLES = ['CONFIG', 'HANG_MS', 'MUTATION_TESTS', 'MUTATION_SAMPLE', 'MUTATION_SEED'];
const KNOWN_VARIABLES = new Set([
  ...names.map((name) => SETTINGS[name].env),
  ...OTHER_VARIABLES.map((name) => PREFIX + name),
]);

export const loadConfig = ({ flags, env, file }: ConfigSources): LoadedConfig => {
  const fromFile = file === undefined ? {} : readFile(file);
  const complaints = [
    ...Object.keys(fromFile)
      .filter((key) => !Object.hasOwn(SETTINGS, key))
      .map((key) => `${key} (in ${file}) is not a setting`),
    ...Object.keys(env)
      .filter((variable) => variable.startsWith(PREFIX) && !KNOWN_VARIABLES.has(variable) && env[variable] !== '')
      .map((variable) => `${variable} (in the environment) is not a setting`),
  ];
  const config: Partial<Record<SettingName, unknown>> = {};
  const origins: Partial<Record<SettingName, Origin>> = {};
  for (const name of names) {
    const { schema, fallback, env: variable } = SETTINGS[name];
    const candidates: readonly (readonly [Origin, unknown])[] = [
      ['flag', flags[name]],
      ['environment', env[variable] === '' ? undefined : env[variable]],
      ['file', fromFile[name]],
    ];
    const [origin, given] = candidates.find(([, value]) => value !== undefined) ?? (['default', fallback] as const);
    const parsed = schema.safeParse(isPlain(given) ? given : NOT_A_VALUE);
    if (!parsed.success) {
      const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      const where = origin === 'environment' ? variable : origin === 'file' ? `${name} (in ${file})` : flag;
      complaints.push(`${where}: ${parsed.error.issues[0]?.message ?? 'not valid'}`);
    }
    config[name] = parsed.success ? parsed.data : fallback;
    origins[name] = origin;
  }
  // Safe cast: the loop has set every name. Together they are looked at only if each is right by itself.
  const together = complaints.length === 0 ? readSideComplaint(config as Config) : undefined;
  if (together !== undefined) complaints.push(together);
  if (complaints.length > 0) throw new ConfigError('CONFIG_INVALID', complaints.join('\n'));
  // Safe cast: as above.
  return { config: config as Config, origins: origins as Record<SettingName, Origin> };
};

/** Settings are texts and numbers. Anything else in a file might be converted to one by accident. */
const isPlain = (value: unknown): boolean => typeof value === 'number' || typeof value === 'string';
const NOT_A_VALUE = Symbol('not a text or a number');

const readFile = (path: string): Record<string, unknown> => {
  if (!existsSync(path)) throw new ConfigError('CONFIG_FILE_UNREADABLE', `there is no configuration file ${path}`);
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) throw new Error('not a JSON object');
    return { ...parsed };
  } catch (cause) {
    throw new ConfigError('CONFIG_FILE_UNREADABLE', `${path}: ${String(cause)}`, { cause });
  }
};

export type SettingReport = {
  readonly name: SettingName;
  readonly value: string;
  readonly origin: Origin;
  readonly env: string;
  readonly about: string;
};

/** All settings for display; secrets are masked. */
export const describeConfig = ({ config, origins }: LoadedConfig): readonly SettingReport[] =>
  names.map((name) => {
    const { env, description, secret } = SETTINGS[name];
    const value = String(config[name]);
    const masked = value === '' ? (secret === 'made' ? '(made at the first start)' : '') : '********';
    return { name, value: secret === undefined ? value : masked, origin: origins[name], env, about: description };
  });
