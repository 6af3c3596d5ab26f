// What is said of a server that is not there names neither what it was asked nor who asked.
import { expect, test } from '@jest/globals';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { ElasticOrderIndex } from './elastic-order-index.ts';
import { describeSearch, SearchAway } from './search-server.ts';

/** No server has this port. */
const NOWHERE = 'http://somebody:secret@127.0.0.1:1';

test('a server that is not there does not answer', async () => {
  expect(await describeSearch(NOWHERE)).toEqual({ answers: false, says: 'no answer' });
});

test('an index that has not been reached cannot be searched, and all its failures pass', async () => {
  const index = new ElasticOrderIndex({ url: NOWHERE, prefix: 'railhead-', clock: realClock });
  const failures = [
    () => index.search({ passenger: '张三', limit: 1 }),
    () =>
      index
        .leaseWith(async () => true)
        .acquire(
          new AbortController().signal,
          async () => false,
          () => {},
        ),
    () => index.place(),
    () => index.put([], { position: 1, fingerprint: 'f' }, []),
  ];
  for (const failure of failures) {
    const error: unknown = await failure().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect(index.isPassing(error)).toBe(true);
    expect(JSON.stringify([String(error), error])).not.toMatch(/张三|secret|somebody/);
  }
  expect(index.isPassing(new Error('a mistake in the program'))).toBe(false);
  expect(index.isPassing(new SearchAway('full'))).toBe(true);
  await index.close();
});
