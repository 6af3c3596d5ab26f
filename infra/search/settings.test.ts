// Only what can be the address of a search server is taken for one, and only names that indices may have.
import { expect, test } from '@jest/globals';
import { searchSettings } from './settings.ts';

const { readSearch, readSearchPrefix } = searchSettings;

test.each([
  ['', true],
  ['http://127.0.0.1:9200', true],
  ['https://user:password@search.example', true],
  ['http://search.example/', true],
  ['opensearch+https://search.example:9200', true],
  ['opensearch+postgres://search.example', false],
  ['opensearch+', false],
  ['http://search.example/elastic', false],
  ['http://search.example?pretty', false],
  ['postgres://search.example', false],
  ['search.example:9200', false],
  ['http://', false],
])('the address %j: %j', (address, isTaken) => {
  expect(readSearch.schema.safeParse(address).success).toBe(isTaken);
});

test.each([
  ['railhead-', true],
  ['a', true],
  ['', false],
  ['Railhead-', false],
  ['-railhead', false],
  ['rail head', false],
  ['*', false],
  ['a'.repeat(61), true],
  ['a'.repeat(62), false],
])('the beginning of names %j: %j', (prefix, isTaken) => {
  expect(readSearchPrefix.schema.safeParse(prefix).success).toBe(isTaken);
});
