// The key with which a client names its request, so that the same request can be sent again.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { headerOf } from './header.ts';
import { Problem } from './problem.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;

/** A request without a key gets one of its own. Throws `Problem` INVALID_REQUEST. */
export const idempotencyKeyOf = (request: IncomingMessage): string => givenKeyOf(request) ?? randomUUID();

/** Undefined where the client gave none. Throws `Problem` INVALID_REQUEST. */
export const givenKeyOf = (request: IncomingMessage): string | undefined => {
  const header = headerOf(request, 'idempotency-key');
  if (header === undefined) return undefined;
  if (!KEY.test(header)) throw new Problem('INVALID_REQUEST', 'Idempotency-Key: 1 to 255 visible ASCII characters');
  return header;
};
