// A GTFS feed in a zip. Entries are streamed, and checked against their declared size and checksum.
import { crc32 } from 'node:zlib';
import { TimetableError } from '@railhead/commands/ports/timetable-source.ts';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { errorCode } from '../error-code.ts';
import { MAX_UNPACKED_BYTES } from '../file-bytes.ts';
import type { Feed, FeedFile } from './feed.ts';

/** A feed has about thirty files; an archive with this many entries is something else. */
const MAX_ENTRIES = 10_000;

const SYSTEM_CODE = /^E[A-Z]+$/;

/** Errors of the file system stay as they are; any other error means that the archive is damaged. */
const asCorrupt = (error: unknown, path: string): unknown => {
  if (error instanceof TimetableError || SYSTEM_CODE.test(errorCode(error) ?? '')) return error;
  return new TimetableError('ARCHIVE_CORRUPT', `${path} is damaged or cut short`, { cause: error });
};

/** Checks the checksum; the archive library checks only sizes (its README, "No CRC-32 Checking"). */
async function* checkedBytes(zip: ZipFile, entry: Entry, path: string): AsyncGenerator<Buffer> {
  let sum = 0;
  try {
    const chunks: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
    for await (const chunk of chunks) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    throw asCorrupt(error, path);
  }
  if (sum !== entry.crc32)
    throw new TimetableError('ARCHIVE_CORRUPT', `${entry.fileName} of ${path} does not match its checksum`);
}

const fileEntries = async (zip: ZipFile): Promise<readonly Entry[]> => {
  const entries: Entry[] = [];
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    bytes += entry.uncompressedSize;
    if (bytes > MAX_UNPACKED_BYTES || entries.length >= MAX_ENTRIES)
      throw new TimetableError('ARCHIVE_TOO_LARGE', 'the archive unpacks to more than a timetable can be');
    if (!entry.fileName.endsWith('/') && !entry.fileName.startsWith('__MACOSX/')) entries.push(entry);
  }
  return entries;
};

/** The folder of the feed inside the archive: that of its outermost stop_times.txt. */
const feedFolder = (entries: readonly Entry[]): string =>
  entries
    .map(({ fileName }) => fileName)
    .filter((name) => /(^|\/)stop_times\.txt$/.test(name))
    .map((name) => name.slice(0, -'stop_times.txt'.length))
    .sort((one, other) => one.length - other.length)[0] ?? '';

/** Throws `TimetableError`, or the error of a file that cannot be opened. */
export const openZipFeed = async (path: string): Promise<Feed> => {
  let zip: ZipFile | undefined;
  try {
    const opened = await openPromise(path, { lazyEntries: true, autoClose: false });
    zip = opened;
    const entries = await fileEntries(opened);
    const folder = feedFolder(entries);
    const files = new Map(
      entries.map((entry): [string, FeedFile] => [
        entry.fileName.startsWith(folder) ? entry.fileName.slice(folder.length) : entry.fileName,
        { bytes: entry.uncompressedSize, open: async () => checkedBytes(opened, entry, path) },
      ]),
    );
    return { files, close: () => opened.close() };
  } catch (error) {
    zip?.close();
    throw asCorrupt(error, path);
  }
};
