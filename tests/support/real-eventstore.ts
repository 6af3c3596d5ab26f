// The real EventStoreDB that tests run on if RAILHEAD_ESDB_URL names one; otherwise they run on the stand-in. Its log is
// shared and nothing is deleted from it, so every test uses streams of its own.
import { randomUUID } from 'node:crypto';
import { test } from '@jest/globals';

export const REAL_URL = process.env.RAILHEAD_ESDB_URL ?? '';
export const onRealServer = REAL_URL !== '';

const because = (name: string): string => `${name} (skipped: needs the stand-in's faults)`;
// Safe cast: of the many forms of `each`, the one that tests use.
const skipEach = test.skip.each as unknown as (...cases: readonly unknown[]) => (name: string, run: () => void) => void;
const skipped = Object.assign((name: string): void => test.skip(because(name), () => {}), {
  each:
    (...cases: readonly unknown[]) =>
    (name: string): void =>
      skipEach(...cases)(because(name), () => {}),
});

/** For what only the stand-in does when it is told to: faults, its own log, a fresh database for each test. */
// Safe cast: the two forms of `test` that tests use.
export const testOfStandIn: typeof test = onRealServer ? (skipped as unknown as typeof test) : test;

/** A letter, then letters and digits: a category that nobody has used. */
export const ownCategory = (): string => `T${randomUUID().replaceAll('-', '').slice(0, 16)}`;
