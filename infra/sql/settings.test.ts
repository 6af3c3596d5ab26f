import { expect, test } from '@jest/globals';
import { setsAsideIn } from './settings.ts';

test.each([
  ['', 'orders', false],
  ['sales, orders', 'orders', true],
  ['sales', 'orders', false],
  ['all', 'timetable', true],
  // Each database of orders that are spread does as the model.
  ['orders', 'orders@4x4.0', true],
  ['sales', 'orders@4x4.0', false],
])('by the setting %j streams are set aside in %s: %s', (setting, model, isSo) => {
  expect(setsAsideIn(setting, model)).toBe(isSo);
});
