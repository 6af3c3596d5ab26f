// Reads other names of places from the operator's file, or those that come with Railhead. Anything wrong is refused.
import { existsSync, readFileSync } from 'node:fs';
import type { StationAliases } from '@railhead/projections/station-search/station-aliases.ts';
import { z } from 'zod';
import { ConfigError } from '../config/load-config.ts';
import aliases from './aliases.json' with { type: 'json' };

const MAX_PLACES = 20_000;
const MAX_NAMES = 20;
const name = z.string().trim().min(1).max(128);

const aliasesSchema = z
  .record(name, z.array(name).min(1).max(MAX_NAMES))
  .refine((places) => Object.keys(places).length <= MAX_PLACES, `must have ${MAX_PLACES} places at most`);

/** For an empty path those of Railhead. Throws `ConfigError`. */
export const loadStationAliases = (path: string): StationAliases => {
  if (path === '') return aliases;
  const refused = (why: string, cause?: unknown): ConfigError =>
    new ConfigError('CONFIG_INVALID', `stationAliases: ${path} ${why}`, cause === undefined ? {} : { cause });
  if (!existsSync(path)) throw refused('is not there');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw refused('is not readable JSON', cause);
  }
  const parsed = aliasesSchema.safeParse(value);
  if (!parsed.success) throw refused(`is no list of names: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};
