import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasInvisible, isDocumentNo, isIdCardNo, isName, normalDocumentNo, normalName } from './identity.ts';

describe('the number of an identity card', () => {
  test.each(['11010519491231002X', '110101199003070003', '11010120000229000X'])('%s is one', (idNo) => {
    expect(isIdCardNo(idNo)).toBe(true);
  });

  /** By the other definition of the standard: the weighted sum of all eighteen leaves one by eleven. */
  const hasCheckDigit = (idNo: string): boolean =>
    [...idNo].reduce((sum, digit, index) => sum + (digit === 'X' ? 10 : Number(digit)) * (2 ** (17 - index) % 11), 0) %
      11 ===
    1;

  test('has just one check digit for each body with a date that is one', () => {
    const date = fc.date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.integer({ min: 100_000, max: 999_999 }), date, fc.nat({ max: 999 }), (region, born, sequence) => {
        const body = `${region}${born.toISOString().slice(0, 10).replaceAll('-', '')}${String(sequence).padStart(3, '0')}`;
        const right = [...'0123456789X'].map((digit) => body + digit).filter(isIdCardNo);
        expect(right).toHaveLength(1);
        expect(hasCheckDigit(right[0] ?? '')).toBe(true);
      }),
    );
  });

  test.each([
    '11010519491231002x',
    '110105194912310021',
    '11010519490229002X',
    '11010519491331002X',
    '11010519491200002X',
    '01010519491231002X',
    '1101051949123100',
    '11010519491231002XX',
    ' 11010519491231002X',
    '11010518491231002X',
    '１１010519491231002X',
    '',
  ])('%j is none', (idNo) => {
    expect(isIdCardNo(idNo)).toBe(false);
  });
});

describe('a name', () => {
  test.each([
    ['张三', '张三'],
    ['  Ada   Lovelace ', 'Ada Lovelace'],
    ['Ada\u3000Lovelace', 'Ada Lovelace'],
    ['Ada\u00a0Lovelace', 'Ada Lovelace'],
    ['Zoe\u0308', 'Zoë'],
    ['阿卜杜·热合曼', '阿卜杜·热合曼'],
    ['𠮷野', '𠮷野'],
    ['Jean-Luc d’Arc', 'Jean-Luc d’Arc'],
    ['Мария', 'Мария'],
  ])('%j is taken as %j', (given, kept) => {
    expect([normalName(given), isName(normalName(given)), normalName(normalName(given))]).toEqual([kept, true, kept]);
  });

  test.each([
    '\u200b',
    '\u3164',
    '\u115f',
    '\uffa0',
    '\u2800',
    '\u0000',
    '\n',
    '\r',
    '\t',
    '\u202e',
    '\u2066',
    '\u200d',
    '\ufeff',
    '\u00ad',
    '\u2028',
    '\u{e0041}',
    '\ud800',
    '\u001b',
  ])('with %j in it is none', (invisible) => {
    for (const name of [`A${invisible}B`, `${invisible}AB`, `AB${invisible}`, invisible]) {
      const kept = normalName(name);
      expect([name, isName(kept) && kept.includes(invisible)]).toEqual([name, false]);
      if (!/^\s*$/u.test(invisible)) expect([name, isName(kept)]).toEqual([name, false]);
    }
    expect(hasInvisible(`a${invisible}b`)).toBe(true);
  });

  test.each(['', ' ', '-', '·', '123', '***'])('%j has no letter, and is none', (name) => {
    expect(isName(normalName(name))).toBe(false);
  });
});

test.each([
  ['e1234567', 'E1234567', true],
  [' E1234 ', 'E1234', true],
  ['Ｅ１２３４', 'E1234', true],
  ['AB-12-34', 'AB-12-34', true],
  ['----', '----', false],
  ['-E12', '-E12', false],
  ['E12-', 'E12-', false],
  ['E--12', 'E--12', false],
  ['E 12', 'E 12', false],
  ['E12\u200b34', 'E12\u200b34', false],
  ['Е1234', 'Е1234', false],
])('the document %j is %j, and a number: %s', (given, kept, isOne) => {
  expect([normalDocumentNo(given), isDocumentNo(normalDocumentNo(given))]).toEqual([kept, isOne]);
});
