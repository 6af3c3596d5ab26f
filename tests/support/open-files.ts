// The files of a folder that this process has open.
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const OPEN = '/proc/self/fd';

/** Paths below `folder`; none on machines without Linux's /proc. */
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
