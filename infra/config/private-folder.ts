// The data folder holds names, documents and secrets: it is for its owner alone.
import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { errorCode } from '../timetable/error-code.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077;

/** Ours, among whatever else lies in the folder; SQLite has more than one file a database. */
const OWN_FILE =
  /^(?:\w+\.db(?:-wal|-shm|-journal|-seal)?|secrets\.json|order-secret\.json|log\.json|owner\.lock.*|owner\.json)$/;

/** Makes the folder if it is missing; nobody but the owner gets into it, or reads the files that are there. */
export const privateFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  for (const path of exposedIn(folder)) {
    try {
      chmodSync(path, path === folder ? FOLDER_MODE : FILE_MODE);
    } catch (error) {
      // Another user's, or gone meanwhile; `railhead doctor` says so.
      if (!['EPERM', 'ENOENT', 'EROFS'].includes(errorCode(error) ?? '')) throw error;
    }
  }
};

/** The folder, once there is something of ours in it, and our files: those that others than their owner may use. */
export const exposedIn = (folder: string): readonly string[] => {
  const own = readdirSync(folder)
    .filter((name) => OWN_FILE.test(name))
    .map((name) => join(folder, name));
  // Somebody's home is shared by more than this.
  const isOurs = own.length > 0 && resolve(folder) !== homedir();
  return [...(isOurs ? [folder] : []), ...own].filter((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat !== undefined && (stat.isFile() || path === folder) && (stat.mode & OTHERS) !== 0;
  });
};
