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
  POLICY_INVALID: EXIT.config,
  STORE_IN_USE: EXIT.dataInUse,
  STORE_TOO_NEW: EXIT.dataUnusable,
  STORE_CORRUPT: EXIT.dataUnusable,
  UNAVAILABLE: EXIT.dataUnusable,
  RECONCILIATION_UNDER_WAY: EXIT.dataInUse,
  REPLAY_UNDER_WAY: EXIT.dataInUse,
  NOT_IN_TIMETABLE: EXIT.input,
  VERIFICATION_UNDER_WAY: EXIT.dataInUse,
  NO_ROOM: EXIT.dataUnusable,
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
  ORDER_NOT_FOUND: EXIT.input,
  TRAIN_NOT_FOUND: EXIT.input,
  CLASS_NOT_ON_TRAIN: EXIT.input,
  STATION_NOT_ON_ROUTE: EXIT.input,
  JOURNEY_BACKWARDS: EXIT.input,
  USER_NOT_FOUND: EXIT.input,
  NOT_YET: EXIT.input,
  NO_REQUESTS: EXIT.input,
  MOMENT_IN_FUTURE: EXIT.input,
  TOO_MUCH_TO_READ: EXIT.input,
  STATEMENT_INVALID: EXIT.input,
  GATEWAY_UNAVAILABLE: EXIT.input,
  GATEWAY_REFUSED: EXIT.input,
  ENOENT: EXIT.input,
  USAGE: EXIT.usage,
  KIND_UNKNOWN: EXIT.usage,
  NAME_INVALID: EXIT.usage,
  MOMENT_INVALID: EXIT.usage,
  MOMENTS_BACKWARDS: EXIT.usage,
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

/** What was asked of the log is not there, or was wrongly asked: with the code that the API has for it. */
export class RefusedByLog extends Error {
  readonly code: string;
  constructor({ code, detail }: { readonly code: string; readonly detail: string }) {
    super(detail);
    this.code = code;
  }
}

/** The serving process has refused, with this code, or does not answer: UNAVAILABLE. */
export class RefusedByServer extends Error {
  readonly code: string;
  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'INTERNAL';

/** What the process refuses, without a meaning of its own here, was wrongly asked for. */
export const exitCodeOf = (error: unknown): number =>
  BY_CODE[codeOf(error)] ?? (error instanceof RefusedByServer ? EXIT.usage : EXIT.internal);
