import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maskIdNo, maskName, maskPassenger } from './masking.ts';

describe('masking', () => {
  test.each([
    { name: '张三', shown: '张*' },
    { name: '欧阳娜娜', shown: '欧***' },
    { name: 'Ada', shown: 'A**' },
    { name: '𠮷野', shown: '𠮷*' },
    { name: '李', shown: '*' },
    { name: '𠮷', shown: '*' },
    { name: '', shown: '' },
  ])('$name is shown as $shown', ({ name, shown }) => {
    expect(maskName(name)).toBe(shown);
  });

  test.each([
    { idNo: '110101199001011234', shown: '**************1234' },
    { idNo: '11010119900101123X', shown: '**************123X' },
    { idNo: 'E1234567', shown: '****4567' },
    { idNo: 'E12345', shown: '******' },
    { idNo: 'E12', shown: '***' },
  ])('$idNo is shown as $shown', ({ idNo, shown }) => {
    expect(maskIdNo(idNo)).toBe(shown);
  });

  test('never shows more than four characters of a document, and keeps its length', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9]{1,32}$/), (idNo) => {
        const shown = maskIdNo(idNo);
        expect(shown).toHaveLength(idNo.length);
        expect(shown.replaceAll('*', '').length).toBeLessThanOrEqual(Math.min(4, idNo.length - 1));
      }),
    );
  });

  test('a passenger keeps the rest', () => {
    const passenger = { name: '张三', idType: 'idCard', idNo: '110101199001011234', kind: 'adult' };
    const before = { ...passenger };
    expect(maskPassenger(passenger)).toEqual({ ...passenger, name: '张*', idNo: '**************1234' });
    expect(passenger).toEqual(before);
  });
});
