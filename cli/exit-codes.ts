// Exit codes of the command line: 0 done, 1 a finding, 2 wrong use; the others name the obstacle.

export const EXIT = {
  ok: 0,
  /** The command ran and found something wrong (verify, doctor). */
  finding: 1,
  usage: 2,
  config: 3,
  dataInUse: 4,
  dataUnusable: 5,
  input: 6,
  portTaken: 7,
  internal: 70,
} as const;

const BY_CODE: Readonly<Record<string, number>> = {
  CONFIG_INVALID: EXIT.config,
  CONFIG_FILE_UNREADABLE: EXIT.config,
  ROLLING_STOCK_INVALID: EXIT.config,
  QUOTA_INVALID: EXIT.config,
  FORECAST_INVALID: EXIT.config,
  STORE_IN_USE: EXIT.dataInUse,
  STORE_TOO_NEW: EXIT.dataUnusable,
  STORE_CORRUPT: EXIT.dataUnusable,
  STORE_FULL: EXIT.dataUnusable,
  STORE_UNAVAILABLE: EXIT.dataUnusable,
  STORE_ACCESS_DENIED: EXIT.dataUnusable,
  STORE_MISCONFIGURED: EXIT.config,
  LISTEN_REFUSED: EXIT.config,
  EADDRINUSE: EXIT.portTaken,
  EACCES: EXIT.dataUnusable,
  EPERM: EXIT.dataUnusable,
  EROFS: EXIT.dataUnusable,
  ENOSPC: EXIT.dataUnusable,
  EDQUOT: EXIT.dataUnusable,
  ENOTDIR: EXIT.dataUnusable,
  EISDIR: EXIT.dataUnusable,
  EEXIST: EXIT.dataUnusable,
  EIO: EXIT.dataUnusable,
  DATA_UNUSABLE: EXIT.dataUnusable,
  TIMETABLE_NOT_FOUND: EXIT.input,
  TIMETABLE_NOT_READABLE: EXIT.input,
  ARCHIVE_CORRUPT: EXIT.input,
  ARCHIVE_TOO_LARGE: EXIT.input,
  FILE_MISSING: EXIT.input,
  COLUMN_MISSING: EXIT.input,
  NOT_GZIP: EXIT.input,
  STREAM_NOT_FOUND: EXIT.input,
  RUN_NOT_FOUND: EXIT.input,
  STATEMENT_INVALID: EXIT.input,
  GATEWAY_UNAVAILABLE: EXIT.input,
  GATEWAY_REFUSED: EXIT.input,
  ENOENT: EXIT.input,
  USAGE: EXIT.usage,
};

/** A wrong argument that only the command itself can detect. */
export class UsageError extends Error {
  readonly code = 'USAGE';
}

/** What a command was told to work on is not there. */
export class InputError extends Error {
  readonly code: 'STREAM_NOT_FOUND' | 'RUN_NOT_FOUND';
  constructor(code: 'STREAM_NOT_FOUND' | 'RUN_NOT_FOUND', message: string) {
    super(message);
    this.code = code;
  }
}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'INTERNAL';

export const exitCodeOf = (error: unknown): number => BY_CODE[codeOf(error)] ?? EXIT.internal;
