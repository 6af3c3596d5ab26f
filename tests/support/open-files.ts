// Which files of a folder this process has open, as the machine tells it.
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const OPEN = '/proc/self/fd';

/** Paths below `folder`; none where the machine does not tell it as Linux does. */
export const openFilesIn = (folder: string): readonly string[] =>
  existsSync(OPEN)
    ? readdirSync(OPEN)
        .map((name) => {
          try {
            return readlinkSync(join(OPEN, name));
          } catch {
            return ''; // closed since: the listing itself was one of them
          }
        })
        .filter((path) => path.startsWith(`${folder}/`))
    : [];
