import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Settings, setting } from './setting.ts';

const dataHome = (): string => join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'railhead');

export const dataFolderSettings = {
  data: setting(z.string().min(1), dataHome(), 'RAILHEAD_DATA', 'folder of the log, the read models and the secrets'),
} as const satisfies Settings;
