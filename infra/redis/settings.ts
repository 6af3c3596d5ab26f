import { z } from 'zod';
import { type Settings, setting } from '../config/setting.ts';
import { isRedisAddress } from './address.ts';

export const readCacheSettings = {
  readCache: setting(
    z
      .string()
      .refine(
        (text) => text === '' || isRedisAddress(text),
        'must be redis://host:port, perhaps with /database and /name of this railway',
      ),
    '',
    'RAILHEAD_READ_CACHE',
    'Redis for the free seats of every run, such as redis://:password@127.0.0.1:6379/0/beijing; else memory',
    'given',
  ),
} as const satisfies Settings;
