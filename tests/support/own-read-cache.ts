// The Redis that suites use for their free seats, if RAILHEAD_TEST_READ_CACHE names one; otherwise they are in memory. Each
// that asks gets a name of its own, which goes with the server.
import { randomUUID } from 'node:crypto';

/** The address of a new part of it; empty: there is none. */
export const ownReadCache = (): string => {
  const server = process.env.RAILHEAD_TEST_READ_CACHE ?? '';
  return server === '' ? '' : `${server}/test-${randomUUID()}`;
};
