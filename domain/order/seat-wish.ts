// The seat a passenger would like: what they ask for, otherwise what their age suggests.

import { parseWant, type Want } from '../allocation/layout.ts';
import type { SeatClass } from '../kernel/seat-class.ts';
import type { Passenger } from './events.ts';

/** From this age on the lower berths are for the traveller first (12306: 60 years and over). */
export const ELDER_YEARS = 60;

const SLEEPERS: readonly SeatClass[] = ['softSleeper', 'hardSleeper'];

/** An identity card's number has the birth date in its digits 7 to 14. */
const BIRTH_DATE = /^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dXx]$/;

/** Age in whole years on a day (`YYYY-MM-DD`); undefined where the document does not contain a birth date. */
export const ageOn = ({ idType, idNo }: Pick<Passenger, 'idType' | 'idNo'>, date: string): number | undefined => {
  const [, year, month, day] = (idType === 'idCard' ? BIRTH_DATE.exec(idNo) : undefined) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const hadBirthday = `${month}-${day}` <= date.slice(5);
  return Number(date.slice(0, 4)) - Number(year) - (hadBirthday ? 0 : 1);
};

/** `date` is the run date. Elders who say nothing get a lower berth if one is free. */
export const seatWish = (passenger: Passenger, seatClass: SeatClass, date: string): Want | undefined => {
  const stated = parseWant(passenger.wants);
  if (stated !== undefined || !SLEEPERS.includes(seatClass)) return stated;
  return (ageOn(passenger, date) ?? 0) >= ELDER_YEARS ? 'lower' : undefined;
};
