// The code of a system error (`ENOENT`, `Z_DATA_ERROR`), even if its class comes from another realm.
export const errorCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
