// What a refund keeps back follows from the table of fees, the fare, and the time left before the train leaves the
// traveller's stop.

import type { OrderRefundRequested } from '@railhead/domain/order/events.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { quoteRefund, REFUND_TABLE, type RefundTable } from '@railhead/domain/refund/fees.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import { boardingMs } from '../../runs/sale-window.ts';
import type { Ledger } from '../ledger.ts';
import { observing, type PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

/** Every table that was ever in force. */
const TABLES: readonly RefundTable[] = [REFUND_TABLE];

/** A quote and the event that follows from it are of one moment. */
const LONGEST_DECISION_MS = 60_000;

type Asked = { readonly orderNo: string; readonly at: string; readonly data: OrderRefundRequested['data'] };

export const refundsProved: PromiseOf = (ledger) => {
  const asked: Asked[] = [];
  return {
    ...observing(orderCategory, (event, orderNo) => {
      if (event.type === 'OrderRefundRequested') asked.push({ orderNo, at: event.meta.at, data: event.data });
    }),
    findings() {
      const found = new Violations();
      for (const one of asked) {
        const wrong = defectOf(ledger, one);
        if (wrong !== undefined) found.add('FEE_WRONG', `${one.data.refundNo} of order ${one.orderNo}: ${wrong}`);
      }
      return found.list;
    },
  };
};

const defectOf = (ledger: Ledger, { orderNo, at, data }: Asked): string | undefined => {
  const request = ledger.orders.get(orderNo)?.request;
  const run = request === undefined ? undefined : ledger.openedRun(runName(request));
  // Another promise names an order without a run.
  if (request === undefined || run === undefined) return undefined;
  const table = TABLES.find(({ version }) => version === data.table);
  if (table === undefined) return `there is no table ${data.table}`;
  const nowMs = Date.parse(data.quotedAt);
  if (!(Math.abs(Date.parse(at) - nowMs) <= LONGEST_DECISION_MS))
    return `quoted at ${data.quotedAt}, asked for at ${at}`;
  const quote = quoteRefund(table, data.items, {
    nowMs,
    departsMs: boardingMs(run, request.from),
    changedLate: request.change?.changedLate === true,
    changedAfterDeparture: request.change?.changedAfterDeparture === true,
  });
  if (quote === undefined) return `the train had left at ${data.quotedAt}`;
  for (const [index, item] of data.items.entries()) {
    const { feeFen, rule } = quote.items[index] ?? { feeFen: Number.NaN, rule: '' };
    if (item.feeFen !== feeFen || item.rule !== rule)
      return `the fee of ticket ${item.itemNo} is ${item.feeFen} by ${item.rule}, and should be ${feeFen} by ${rule}`;
  }
  return undefined;
};
