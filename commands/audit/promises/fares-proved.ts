// An order's journey and class are on its run, and its fares are those of the run's tariff. `TrainRunOpened` has both.

import { fareFen } from '@railhead/domain/fare/fare.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { hasClass } from '@railhead/domain/train-run/composition.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import { boardingMs } from '../../runs/sale-window.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

export const faresProved: PromiseOf = (ledger) => ({
  categories: [],
  observe() {
    // Runs and orders are in different streams, so they are compared in `findings`.
  },
  findings() {
    const found = new Violations();
    for (const [orderNo, order] of ledger.orders) {
      const { request, seatClass, faresFen, payBefore } = order;
      if (request === undefined || seatClass === undefined) continue;
      const run = ledger.openedRun(runName(request));
      if (run === undefined) {
        found.add('RUN_UNKNOWN', `order ${orderNo} is for ${request.train} on ${request.date}, which was never opened`);
        continue;
      }
      const wrong = journeyDefect(run, order);
      if (wrong !== undefined) found.add('ORDER_DIFFERS', `order ${orderNo} ${wrong}`);
      checkFares(found, run, orderNo, order, request.seatClass, request.faresFen);
      if (seatClass !== request.seatClass) checkFares(found, run, orderNo, order, seatClass, faresFen);
      if (payBefore !== undefined && !(Date.parse(payBefore) <= boardingMs(run, request.from)))
        found.add('PAY_AFTER_DEPARTURE', `order ${orderNo} may be paid until ${payBefore}, after its train has left`);
      if (order.closeReason === 'RUN_CANCELLED' && run.status !== 'cancelled')
        found.add('ORDER_DIFFERS', `order ${orderNo} was closed for a cancelled run, which goes on`);
    }
    return found.list;
  },
});

const journeyDefect = ({ stops, composition }: OpenedRun, { request }: Order): string | undefined => {
  if (request === undefined) return undefined;
  const { from, to, fromStation, toStation, seatClass } = request;
  if (!(from >= 0 && from < to && to < stops.length)) return `goes from stop ${from} to ${to} of ${stops.length}`;
  for (const [seq, station] of [
    [from, fromStation],
    [to, toStation],
  ] as const)
    if (stops[seq]?.code !== station.code || stops[seq]?.name !== station.name)
      return `calls stop ${seq} ${station.name} (${station.code})`;
  return hasClass(composition, seatClass) ? undefined : `asks for ${seatClass}, which its train does not have`;
};

const checkFares = (
  found: Violations,
  { tariff, stops }: OpenedRun,
  orderNo: string,
  { request }: Order,
  seatClass: SeatClass,
  faresFen: readonly number[],
): void => {
  if (request === undefined) return;
  const km = (stops[request.to]?.km ?? 0) - (stops[request.from]?.km ?? 0);
  for (const [index, { kind }] of request.passengers.entries()) {
    const fare = fareFen(tariff, seatClass, km, kind);
    if (fare !== faresFen[index])
      found.add('FARE_WRONG', `order ${orderNo} asks ${faresFen[index]} fen for ${kind} ${index + 1}, not ${fare}`);
  }
};
