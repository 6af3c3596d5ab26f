import { sqlDialectContract } from '@railhead/tests/contract/sql-dialect.contract.ts';
import { readSideOf } from '@railhead/tests/support/read-side.ts';

sqlDialectContract('SQLite', () => readSideOf());
