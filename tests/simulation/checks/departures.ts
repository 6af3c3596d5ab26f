// Nobody gets a seat, or may pay for one, after the train has left the stop where they board.
import type { Stop } from '@railhead/domain/timetable/timetable.ts';
import { Violation } from '../world/violation.ts';

/** When a train leaves a stop, in ms since the epoch. */
export const leavesAt = (stops: readonly Stop[], date: string, stop: number): number => {
  const departs = stops[stop]?.departs ?? Number.POSITIVE_INFINITY;
  return Date.parse(`${date}T00:00:00+08:00`) + departs * 60_000;
};

/** `at`: by the clock of the process that gave the seats, right or wrong. */
export const assertBeforeDeparture = (
  {
    orderNo,
    request: { date, from },
  }: { readonly orderNo: string; readonly request: { readonly date: string; readonly from: number } },
  stops: readonly Stop[],
  at: string,
  payBefore: string,
): void => {
  const leaves = leavesAt(stops, date, from);
  if (!(Date.parse(at) < leaves))
    throw new Violation('SOLD_AFTER_DEPARTURE', `order ${orderNo} got its seats at ${at}, when its train had left`);
  if (!(Date.parse(payBefore) <= leaves))
    throw new Violation(
      'PAY_AFTER_DEPARTURE',
      `order ${orderNo} may be paid until ${payBefore}, when its train has left`,
    );
};
