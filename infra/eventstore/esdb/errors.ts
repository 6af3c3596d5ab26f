// Sorts the errors of the client and the server by what a caller may conclude from them.
import {
  AccessDeniedError,
  convertToCommandError,
  InvalidArgumentError,
  NotLeaderError,
  StreamDeletedError,
  StreamNotFoundError,
  TimeoutError,
  UnknownError,
} from '@eventstore/db-client';
import { EventStoreError, type Position } from '@railhead/commands/ports/event-store.ts';

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The client's own type of error, for an error of a call that was made past the client. */
export const asClientError = (error: unknown): unknown =>
  error instanceof Error ? convertToCommandError(error) : error;

/** Errors about the stream or the caller: another client would get the same. */
export const isDomainError = (error: unknown): boolean =>
  error instanceof StreamNotFoundError ||
  error instanceof StreamDeletedError ||
  error instanceof AccessDeniedError ||
  error instanceof InvalidArgumentError ||
  (error instanceof EventStoreError && error.code !== 'STORE_UNAVAILABLE');

/** The client follows a new leader by itself; a new client would start at the old address again. */
export const isNotLeader = (error: unknown): boolean => error instanceof NotLeaderError;

/** Codes of gRPC with which servers refuse a position where no event begins: UNKNOWN before 24.2, INVALID_ARGUMENT since. */
const NO_EVENT_THERE = new Set([2, 3]);

/** Of a read or a subscription from a position: does no event begin there? An error on the way has another code. */
export const isNoEventThere = (error: unknown): boolean =>
  error instanceof InvalidArgumentError || (error instanceof UnknownError && NO_EVENT_THERE.has(Number(error.code)));

/** A position that the log does not have: it is one of another log, or of this one before a backup was put back. */
export const notOfThisLog = (position: Position): EventStoreError =>
  new EventStoreError('STORE_CORRUPT', `no event of the log stands at position ${position}; it belongs to another log`);

/** A subscriber took its events too slowly for the server, which ended the subscription (ABORTED). */
export const isTooSlow = (error: unknown): boolean => error instanceof TimeoutError;

/** Errors that say that the server is there and works: the client that got them is as good as a new one. */
export const isOfTheCall = (error: unknown): boolean =>
  isDomainError(error) || isNotLeader(error) || isTooSlow(error) || error instanceof SubscriptionFailure;

/** What a subscription brought, or failed to bring, is not what the log has. The connection is not at fault. */
export class SubscriptionFailure extends EventStoreError {
  constructor(message: string) {
    super('STORE_UNAVAILABLE', message);
  }
}

const NEVER_SENT = /No connection established|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|Failed to discover|DNS resolution/;

/** True only if no server can have written anything of the request. */
export const wasNeverSent = (error: unknown): boolean =>
  error instanceof NotLeaderError || error instanceof AccessDeniedError || NEVER_SENT.test(messageOf(error));

/** The port's error for a call that wrote nothing. */
export const toStoreError = (error: unknown, doing: string): EventStoreError => {
  if (error instanceof EventStoreError) return error;
  if (error instanceof AccessDeniedError)
    return new EventStoreError('STORE_ACCESS_DENIED', `EventStoreDB refused access while ${doing}`, { cause: error });
  if (error instanceof StreamDeletedError)
    return new EventStoreError('STREAM_DELETED', `the stream was deleted for good (${doing})`, { cause: error });
  return new EventStoreError('STORE_UNAVAILABLE', `EventStoreDB failed while ${doing}: ${messageOf(error)}`, {
    cause: error,
  });
};
