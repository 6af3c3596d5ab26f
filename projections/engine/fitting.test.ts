import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fittedTo, fittingText } from './fitting.ts';
import { integer, json, text } from './tables.ts';

const anyText = fc.string({ unit: fc.constantFrom('a', '站', '🚄', '\0', '\ud800', '\udc00'), maxLength: 12 });

test('a text keeps its beginning, as many characters as its column has, and nothing that a database refuses', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 8 }), (given, length) => {
      const fitting = fittingText(given, length);
      const plain = given.toWellFormed().replaceAll('\0', '\uFFFD');
      expect(plain.startsWith(fitting)).toBe(true);
      expect([...fitting]).toHaveLength(Math.min(length, [...plain].length));
      expect(fitting.isWellFormed()).toBe(true);
    }),
  );
});

test('a row that fits is the same row, and only its texts are cut', () => {
  const fit = fittedTo({ columns: { name: text(3), place: integer, content: json } });
  const row = { name: 'abc', place: 12_345, content: '"a long text\\u0000"' };
  expect(fit(row)).toBe(row);
  expect(fit({ ...row, name: 'abcd' })).toEqual(row);
});
