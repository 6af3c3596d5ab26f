// Positions and revisions as the server tells them, and as they are told to it. On the wire they are unsigned numbers
// of 64 bits; -1 arrives as 2^64-1 and means "none". Such a number, taken for a position, would be after every event.
import { EventStoreError, type Position } from '@railhead/commands/ports/event-store.ts';

/** (-1,-1) */
export const NO_POSITION = 18_446_744_073_709_551_615n;
const MOST = BigInt(Number.MAX_SAFE_INTEGER);

/** Undefined for what no event of a log can have: nothing, -1, and whatever exceeds 2^53. */
export const toldNumber = (told: bigint | string | undefined): number | undefined => {
  if (told === undefined || told === '') return undefined;
  const value = BigInt(told);
  return value >= 0n && value <= MOST ? Number(value) : undefined;
};

/** May this be a position of a log? Says nothing about whether an event stands there. */
export const isPosition = (position: number): boolean => Number.isSafeInteger(position) && position >= 0;

/** Throws `STORE_CORRUPT` for what is no position of any log; the server would be asked something else. */
export const assertPosition = (position: Position): void => {
  if (!isPosition(position)) throw new EventStoreError('STORE_CORRUPT', `${position} is no position of a log`);
};
