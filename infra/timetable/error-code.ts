// The code of a system error (`ENOENT`, `Z_DATA_ERROR`), whatever realm its class comes from.
export const errorCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
