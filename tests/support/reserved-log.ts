// A clean log at rest, of orders that ended: what they took of the limits of their buyer and travellers is given back.
import { voidItems } from '@railhead/commands/limits/ticket-stands.ts';
import { loadOrder } from '@railhead/commands/orders/load-order.ts';
import type { Log } from './broken-log.ts';
import { limitedSale, numberOf, type SoldRun } from './limited-sale.ts';

const DATE = '2026-12-01';
const RUNS: readonly SoldRun[] = [
  { train: 'G1', date: DATE, minutes: [600, 660, 720] },
  { train: 'G2', date: DATE, minutes: [700, 760, 820] },
  // Its journeys end on the next day.
  { train: 'G3', date: DATE, minutes: [1_380, 1_410, 1_470] },
];

export const reservedLog = async (): Promise<Log> => {
  const sale = await limitedSale(RUNS);
  const wanted = [
    { train: 'G1', documents: ['E1', 'E2'] },
    { train: 'G1', documents: ['E3'] },
    { train: 'G2', documents: ['E4'] },
    { train: 'G3', documents: ['E1'] },
  ];
  const orders: string[] = [];
  for (const one of wanted) orders.push(numberOf(await sale.order(one)));
  for (const orderNo of orders) {
    await sale.write(orderNo, { type: 'OrderClosed', version: 1, data: { reason: 'SOLD_OUT', detail: '' } });
    const { order } = await loadOrder(sale.store, orderNo);
    await sale.reservations.release(order, voidItems(order));
  }
  return sale.events();
};
