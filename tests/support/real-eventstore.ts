// The real EventStoreDB that tests run on if RAILHEAD_ESDB_URL names one; otherwise they run on the stand-in. Its log is
// shared and nothing is deleted from it, so every test uses streams of its own.
import { randomUUID } from 'node:crypto';
import { test } from '@jest/globals';

export const REAL_URL = process.env.RAILHEAD_ESDB_URL ?? '';
export const onRealServer = REAL_URL !== '';

/** For what only the stand-in does when it is told to: faults, its own log, a fresh database for each test. */
export const testOfStandIn: typeof test = onRealServer
  ? (Object.assign(
      (name: string) => test.skip(`${name} (skipped: needs the stand-in's faults)`, () => {}),
      // Safe cast: the two forms of `test` that tests use, both of which skip.
      { each: (...cases: Parameters<typeof test.skip.each>) => test.skip.each(...cases) },
    ) as unknown as typeof test)
  : test;

/** A letter, then letters and digits: a category that nobody has used. */
export const ownCategory = (): string => `T${randomUUID().replaceAll('-', '').slice(0, 16)}`;
