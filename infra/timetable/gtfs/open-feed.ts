// Opens a GTFS feed: a folder or a zip, its files at the top or below.
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asTimetableError } from '../file-bytes.ts';
import type { Feed, FeedFile } from './feed.ts';
import { openZipFeed } from './zip-feed.ts';

const folderFeed = async (path: string): Promise<Feed> => {
  const files = new Map<string, FeedFile>();
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const file = join(path, entry.name);
    files.set(entry.name, { bytes: (await stat(file)).size, open: async () => createReadStream(file) });
  }
  return { files, close: () => undefined };
};

/** Throws `TimetableError`. */
export const openFeed = async (path: string): Promise<Feed> => {
  try {
    return (await stat(path)).isDirectory() ? await folderFeed(path) : await openZipFeed(path);
  } catch (error) {
    throw asTimetableError(error, path);
  }
};
