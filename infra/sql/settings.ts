import { z } from 'zod';
import { type Settings, setting } from '../config/setting.ts';
import { isServerAddress } from './servers/open-server.ts';

export const readSideSettings = {
  readSql: setting(
    z
      .string()
      .refine(
        (text) => text === '' || isServerAddress(text),
        'must begin with postgres:// or mysql:// and name a server',
      ),
    '',
    'RAILHEAD_READ_SQL',
    'database server of the read models, such as postgres://user:password@127.0.0.1/railhead; else a file in the data folder',
    'given',
  ),
} as const satisfies Settings;
