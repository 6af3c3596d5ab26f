// Options that several commands share, and the configuration made from them.
import { type LoadedConfig, loadConfig } from '@railhead/infra/config/load-config.ts';
import { withSecrets } from '@railhead/infra/config/secrets.ts';
import { SETTINGS, type SettingName } from '@railhead/infra/config/settings.ts';
import type { Command } from 'commander';

/** The flag of a setting: `saleDays` becomes `--sale-days`. */
const flagOf = (name: string): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const SHARED: readonly SettingName[] = ['data'];
/** The settings that say where the log is. */
export const LOG_SETTINGS: readonly SettingName[] = ['data', 'store', 'esdbUrl', 'esdbShards'];

/** Adds flags for these settings. All others come from the file and the environment. */
export const withSettings = (command: Command, names: readonly SettingName[] = SHARED): Command => {
  for (const name of names) {
    const { description, env, fallback } = SETTINGS[name];
    const shown = String(fallback) === '' ? '' : ` (default: ${fallback})`;
    command.option(`${flagOf(name)} <value>`, `${description}${shown} [${env}]`);
  }
  return command.option('--config <file>', 'JSON file with settings by name [RAILHEAD_CONFIG]');
};

export type ConfigOptions = Readonly<Partial<Record<SettingName | 'config', string>>>;

export const configOf = ({ config: file, ...flags }: ConfigOptions): LoadedConfig =>
  loadConfig({ flags: known(flags), env: process.env, file: file ?? process.env.RAILHEAD_CONFIG });

/** The configuration ready for use, with its secrets. */
export const readyConfigOf = (options: ConfigOptions): LoadedConfig['config'] => withSecrets(configOf(options).config);

/** Only the options that are settings; others (`json`, `follow`) belong to the command. */
const known = (flags: Readonly<Record<string, unknown>>): Partial<Record<SettingName, unknown>> =>
  Object.fromEntries(Object.entries(flags).filter(([name]) => name in SETTINGS));
