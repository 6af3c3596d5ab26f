import { describe, expect, test } from '@jest/globals';
import type { Passenger } from './events.ts';
import { ageOn, seatWish } from './seat-wish.ts';

const born = (date: string, extra: Partial<Passenger> = {}): Passenger => ({
  name: '张三',
  idType: 'idCard',
  idNo: `110101${date}001X`,
  kind: 'adult',
  ...extra,
});

describe('age', () => {
  test('is counted on the day of the journey', () => {
    expect(ageOn(born('19661201'), '2026-12-01')).toBe(60);
    expect(ageOn(born('19661202'), '2026-12-01')).toBe(59);
    expect(ageOn(born('20000229'), '2026-03-01')).toBe(26);
  });

  test('is unknown where the document has no birth date', () => {
    expect(ageOn({ idType: 'passport', idNo: 'E12345678' }, '2026-12-01')).toBeUndefined();
    expect(ageOn({ idType: 'idCard', idNo: 'nonsense' }, '2026-12-01')).toBeUndefined();
    const { idNo } = born('19400101');
    for (const other of [`9${idNo}`, `${idNo}9`, `${idNo.slice(0, -1)}Y`, idNo.slice(0, -1)])
      expect(ageOn({ idType: 'idCard', idNo: other }, '2026-12-01')).toBeUndefined();
    expect(ageOn({ idType: 'passport', idNo }, '2026-12-01')).toBeUndefined();
  });

  test('is read whatever check digit the card ends with', () => {
    for (const end of ['0', '9', 'X', 'x'])
      expect(ageOn({ idType: 'idCard', idNo: `11010119400101001${end}` }, '2026-12-01')).toBe(86);
  });
});

describe('a wish', () => {
  test('is what the passenger asks for', () => {
    expect(seatWish(born('19400101', { wants: 'upper' }), 'hardSleeper', '2026-12-01')).toBe('upper');
    expect(seatWish(born('19900101', { wants: 'window' }), 'second', '2026-12-01')).toBe('window');
  });

  test('is the lower berth for elders who ask for nothing, in a sleeper only', () => {
    expect(seatWish(born('19400101'), 'hardSleeper', '2026-12-01')).toBe('lower');
    expect(seatWish(born('19400101'), 'softSleeper', '2026-12-01')).toBe('lower');
    expect(seatWish(born('19400101'), 'hardSeat', '2026-12-01')).toBeUndefined();
    expect(seatWish(born('19900101'), 'hardSleeper', '2026-12-01')).toBeUndefined();
    expect(seatWish(born('19400101', { wants: 'balcony' }), 'hardSleeper', '2026-12-01')).toBe('lower');
  });
});
