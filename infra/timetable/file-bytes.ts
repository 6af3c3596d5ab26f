// The bytes of a timetable file; gzip is recognised by its first bytes, not by its name, and unpacked.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TimetableError } from '@railhead/commands/ports/timetable-source.ts';
import { errorCode } from './error-code.ts';

/** A file with more unpacked bytes is not a timetable. */
export const MAX_UNPACKED_BYTES = 8 * 1024 ** 3;

type FileHead = { readonly bytes: number; readonly gzip: boolean };

const headOf = async (path: string): Promise<FileHead> => {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return { bytes: (await file.stat()).size, gzip: bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b };
  } finally {
    await file.close();
  }
};

/** Turns a system's error of a read into a `TimetableError`; other errors stay as they are. */
export const asTimetableError = (error: unknown, path: string): unknown => {
  const code = errorCode(error);
  if (error instanceof TimetableError || code === undefined) return error;
  if (code === 'ENOENT') return new TimetableError('TIMETABLE_NOT_FOUND', `${path} does not exist`, { cause: error });
  if (code.startsWith('Z_'))
    return new TimetableError('ARCHIVE_CORRUPT', `${path} is damaged or cut short`, { cause: error });
  return new TimetableError('TIMETABLE_NOT_READABLE', `${path} cannot be read`, { cause: error });
};

/**
 * Chunks of the file's content. `onBytes` gets the number of bytes read of the file (packed, as on disk) and its size.
 * Throws `TimetableError`.
 */
export async function* fileBytes(path: string, onBytes: (done: number, total: number) => void): AsyncGenerator<Buffer> {
  try {
    const head = await headOf(path);
    if (!head.gzip && path.endsWith('.gz')) throw new TimetableError('NOT_GZIP', `${path} is not a gzip file`);
    const file = createReadStream(path);
    // The callback only prevents a second, unhandled error: iterating already throws it.
    const chunks: AsyncIterable<Buffer> = head.gzip ? pipeline(file, createGunzip(), () => undefined) : file;
    let unpacked = 0;
    for await (const chunk of chunks) {
      unpacked += chunk.length;
      if (unpacked > MAX_UNPACKED_BYTES) throw new TimetableError('ARCHIVE_TOO_LARGE', `${path} unpacks to too much`);
      onBytes(file.bytesRead, head.bytes);
      yield chunk;
    }
  } catch (error) {
    throw asTimetableError(error, path);
  }
}
