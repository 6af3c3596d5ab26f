import { test } from '@jest/globals';
import { onSqlServer } from './own-read-sql.ts';

/** For what only the file of an embedded read side can do. */
// Safe cast: `skip` is called as `test` is.
export const testOnFile = (onSqlServer ? test.skip : test) as typeof test;
