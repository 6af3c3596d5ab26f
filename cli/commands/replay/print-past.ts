// What was at a moment, in lines for people.
import type { JourneyStock, ShownClass, ShownLock } from '@railhead/projections/past/past-class.ts';
import type { ShownOrder } from '@railhead/projections/past/past-order.ts';
import type { ShownRun } from '@railhead/projections/past/past-run.ts';
import type { ShownUser } from '@railhead/projections/past/past-user.ts';
import type { ToldMoment } from '@railhead/projections/past/told-moment.ts';
import { print } from '../../output.ts';

export const amount = (fen: number): string => (fen / 100).toFixed(2);

/** How much of the log is in what was printed. */
export const printMoment = ({ position, at, end, lastEvent, setAside }: ToldMoment): void => {
  if (lastEvent !== undefined)
    print(`last event  ${lastEvent.position}  ${lastEvent.at}  ${lastEvent.type}  by ${lastEvent.actor}`);
  for (const { stream, why } of setAside) print(`not understood: ${stream} from ${why} on`);
  const where = position === end ? 'the end of the log' : `the log ends at ${end}`;
  print(`at position ${position}${at === undefined ? '' : `, written ${at}`}; ${where}`);
};

export const printOrder = (order: ShownOrder): void => {
  const { orderNo, userId, status, train, date, from, to, seatClass, amountFen, currency } = order;
  const why = order.closeReason === undefined ? '' : ` (${order.closeReason})`;
  print(`order ${orderNo} of ${userId}: ${status}${why}`);
  print(`  ${train} of ${date}, ${from.code} ${from.name} to ${to.code} ${to.name}, ${seatClass}`);
  print(`  ${amount(amountFen)} ${currency}, requested ${order.requestedAt}`);
  if (order.payBefore !== undefined && status === 'WAIT_PAY') print(`  to be paid before ${order.payBefore}`);
  if (order.originalOrderNo !== undefined) print(`  in place of tickets of ${order.originalOrderNo}`);
  for (const item of order.items) {
    const { passenger, coach, seat, ticketNo, ticketStatus, fareFen } = item;
    const where = coach === undefined ? 'no seat' : `coach ${coach} seat ${seat}`;
    const ticket = ticketNo === undefined ? '' : `, ticket ${ticketNo} ${ticketStatus}`;
    print(`  item ${item.itemNo}: ${passenger.name} ${passenger.idNo}, ${where}, ${amount(fareFen)}${ticket}`);
  }
  for (const { paymentNo, channel, amountFen: paid, refundedFen, status: is } of order.payments)
    print(`  payment ${paymentNo} by ${channel}: ${amount(paid)} ${is}, ${amount(refundedFen)} back`);
  for (const { refundNo, items, feeFen, refundFen, status: is } of order.refunds)
    print(`  refund ${refundNo} of items ${items.join(', ')}: ${amount(refundFen)} ${is}, fee ${amount(feeFen)}`);
  for (const { changeNo, orderNo: newOrderNo, items, status: is } of order.changes)
    print(`  change ${changeNo} of items ${items.join(', ')} to ${newOrderNo}: ${is}`);
};

type Count = Omit<JourneyStock, 'from' | 'to'>;
const countOf = ({ total, available, held, sold }: Count): string =>
  `${available} free, ${held} held, ${sold} sold of ${total}`;

export const printRun = (run: ShownRun): void => {
  const settled = run.settled ? ', settled' : '';
  print(`run ${run.train} of ${run.date}: ${run.status}${settled}${run.seatsAssigned ? ', seats assigned' : ''}`);
  print(`  coaches ${run.coaches.map(({ coach, seatClass }) => `${coach} ${seatClass}`).join(', ')}`);
  for (const count of run.stock) print(`  ${count.seatClass}: ${countOf(count)}, from the first stop to the last`);
  for (const { withdrawalNo, seatClass, reason, from, to, seats } of run.withdrawals)
    print(`  withdrawn ${withdrawalNo}: ${seats.length} of ${seatClass} from ${from} to ${to}: ${reason}`);
};

export const printClass = (shown: ShownClass): void => {
  const { train, date, seatClass, status, closed } = shown;
  print(`class ${seatClass} of ${train} of ${date}: ${status}${closed ? ', nothing more is sold' : ''}`);
  for (const journey of shown.journeys) print(`  ${journey.from.code} to ${journey.to.code}: ${countOf(journey)}`);
  for (const lock of shown.locks) print(`  ${lock.lockId} ${lock.status} for ${lock.orderNo}: ${legsOf(lock)}`);
};

const legsOf = ({ legs, travellers }: ShownLock): string =>
  legs
    .map(({ from, to, seats }) => {
      const named = seats.map(({ coach, seat }) => `${coach}/${seat}`).join(' ');
      return `${from} to ${to} ${named === '' ? `${travellers} places` : named}`;
    })
    .join(', then ');

export const printUser = ({ userId, orders, nextCursor }: ShownUser): void => {
  print(
    `user ${userId}: ${orders.length} orders, newest first${nextCursor === undefined ? '' : '; there are older ones'}`,
  );
  for (const order of orders) printOrder(order);
};
