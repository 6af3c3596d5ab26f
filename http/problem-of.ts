// Which problem a client sees for anything thrown.
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { GatewayError } from '@railhead/commands/ports/payment-gateway.ts';
import { Problem, type ProblemCode } from './problem.ts';

/** Failures after which the client may try again. Every other failure of the store is an internal error. */
const STORE_PROBLEMS: Partial<Record<EventStoreError['code'], ProblemCode>> = {
  STORE_FULL: 'STORAGE_FULL',
  STORE_OVERLOADED: 'OVERLOADED',
  STORE_CLOSED: 'UNAVAILABLE',
  STORE_UNAVAILABLE: 'UNAVAILABLE',
  OUTCOME_UNKNOWN: 'UNAVAILABLE',
};

/** The problem that a client sees for anything thrown. Details of an unexpected error stay in the server's log. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  if (error instanceof EventStoreError) {
    const code = STORE_PROBLEMS[error.code];
    return code === undefined ? new Problem('INTERNAL', 'the event store refused') : new Problem(code, error.message);
  }
  if (error instanceof GatewayError) return new Problem(error.code, error.message);
  if (error instanceof URIError) return new Problem('INVALID_REQUEST', 'the path is not well formed');
  // A mistake of the client, as Express and its parts report it.
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status >= 400 && status < 500)
    return new Problem(CLIENT_PROBLEMS[status] ?? 'INVALID_REQUEST', 'the request cannot be answered');
  return new Problem('INTERNAL', 'the failure has been logged under this request id');
};

const CLIENT_PROBLEMS: Readonly<Record<number, ProblemCode>> = {
  404: 'NOT_FOUND',
  412: 'PRECONDITION_FAILED',
  413: 'BODY_TOO_LARGE',
  415: 'MEDIA_TYPE_UNSUPPORTED',
  416: 'RANGE_NOT_SATISFIABLE',
};
