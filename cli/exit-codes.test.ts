import { expect, test } from '@jest/globals';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { codeOf, EXIT, exitCodeOf, UsageError } from './exit-codes.ts';

/** The list in the README. */
const DOCUMENTED: Readonly<Record<number, readonly string[]>> = {
  2: ['KIND_UNKNOWN', 'NAME_INVALID', 'MOMENT_INVALID', 'MOMENTS_BACKWARDS'],
  3: [
    'CONFIG_INVALID',
    'CONFIG_FILE_UNREADABLE',
    'ROLLING_STOCK_INVALID',
    'QUOTA_INVALID',
    'FORECAST_INVALID',
    'STORE_MISCONFIGURED',
    'LISTEN_REFUSED',
  ],
  4: ['STORE_IN_USE'],
  5: [
    ...['STORE_TOO_NEW', 'STORE_CORRUPT', 'STORE_FULL', 'STORE_UNAVAILABLE', 'STORE_ACCESS_DENIED', 'DATA_UNUSABLE'],
    ...['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'EIO'],
  ],
  6: [
    'TIMETABLE_NOT_FOUND',
    'TIMETABLE_NOT_READABLE',
    'ARCHIVE_CORRUPT',
    'ARCHIVE_TOO_LARGE',
    'FILE_MISSING',
    'COLUMN_MISSING',
    'NOT_GZIP',
    'STATEMENT_INVALID',
    'GATEWAY_UNAVAILABLE',
    'GATEWAY_REFUSED',
    ...['ORDER_NOT_FOUND', 'TRAIN_NOT_FOUND', 'CLASS_NOT_ON_TRAIN', 'USER_NOT_FOUND', 'NOT_YET', 'MOMENT_IN_FUTURE'],
    ...['STATION_NOT_ON_ROUTE', 'JOURNEY_BACKWARDS', 'TOO_MUCH_TO_READ'],
  ],
  7: ['EADDRINUSE'],
  70: ['OUTCOME_UNKNOWN', 'SOMETHING_ELSE'],
};

test('every error ends the command with its documented code', () => {
  for (const [exit, codes] of Object.entries(DOCUMENTED))
    for (const code of codes) {
      const error = Object.assign(new Error('x'), { code });
      expect({ code, exit: exitCodeOf(error), told: codeOf(error) }).toEqual({ code, exit: Number(exit), told: code });
    }
  expect(exitCodeOf(new EventStoreError('STORE_IN_USE', 'x'))).toBe(4);
  expect(exitCodeOf(new UsageError('x'))).toBe(2);
  for (const error of [
    new Error('x'),
    'text',
    undefined,
    { code: 'STORE_IN_USE' },
    Object.assign(new Error('x'), { code: 4 }),
  ])
    expect([exitCodeOf(error), codeOf(error)]).toEqual([70, 'INTERNAL']);
  expect([EXIT.ok, EXIT.finding]).toEqual([0, 1]);
});
