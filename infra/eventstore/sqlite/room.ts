// Is there room for the log to grow? A hint: a quota of the disk, for one, is not seen.
import { stat, statfs } from 'node:fs/promises';
import { logPath } from './sqlite-event-store.ts';

/** What the log's writer may need at once: a large group of appends, and the same once more beside the log. */
const NEEDED_BYTES = 16 * 1024 * 1024;

/** `maxBytes`: the limit of the log's size, 0 for none. False also where nobody can tell. */
export const hasRoomIn = async (folder: string, maxBytes: number): Promise<boolean> => {
  try {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < NEEDED_BYTES) return false;
    return maxBytes === 0 || (await stat(logPath(folder))).size + NEEDED_BYTES <= maxBytes;
  } catch {
    return false;
  }
};
