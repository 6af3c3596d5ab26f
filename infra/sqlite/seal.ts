// The checksum of a derived file, kept beside it while nobody has it open: `PRAGMA quick_check` finds broken pages, and
// not a letter that was changed within a row. A process that dies leaves no seal, so its files are not compared.
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** Reading such a file takes about a second; larger ones are neither sealed nor checked at the start. */
export const MAX_CHECKED_BYTES = 1024 ** 3;
const CHUNK_BYTES = 1024 ** 2;

const sealOf = (path: string): string => `${path}-seal`;

const checksumOf = (path: string): string => {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const file = openSync(path, 'r');
  try {
    let [bytes, crc] = [0, 0];
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      bytes += read;
      crc = crc32(chunk.subarray(0, read), crc);
    }
    return `${bytes} ${crc}\n`;
  } finally {
    closeSync(file);
  }
};

/** By whoever has closed the file. Nothing depends on it: where it cannot be written, the next start compares nothing. */
export const sealFile = (path: string): void => {
  try {
    if (existsSync(`${path}-wal`) || statSync(path).size > MAX_CHECKED_BYTES) return;
    writeFileSync(sealOf(path), checksumOf(path), { mode: 0o600 });
  } catch {
    breakSeal(path);
  }
};

/** False: the file is not the one that was sealed. Breaks the seal, because whoever asks is about to write. */
export const isAsSealed = (path: string): boolean => {
  if (!existsSync(sealOf(path))) return true;
  const seal = readFileSync(sealOf(path), 'utf8');
  const fits = seal === checksumOf(path);
  breakSeal(path);
  return fits;
};

export const breakSeal = (path: string): void => rmSync(sealOf(path), { force: true });
