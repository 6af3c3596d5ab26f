// A change names one other order, which names it: one of the two has the valid tickets at any time. What a change costs
// follows from the table of fees, the fares, and the time left before the train leaves the traveller's stop.
import { type ChangeTable, changeTable, quoteChange } from '@railhead/domain/change/fees.ts';
import type { OrderChangeRequested } from '@railhead/domain/order/events.ts';
import type { Order, OrderChange } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { isChangedLate, REFUND_TABLE } from '@railhead/domain/refund/fees.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import { boardingMs } from '../../runs/sale-window.ts';
import { zoneNamed } from '../../time/zone.ts';
import type { Ledger } from '../ledger.ts';
import { observing, type PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

/** Every table that was ever in force. */
const TABLES: readonly ChangeTable[] = [changeTable(REFUND_TABLE)];

/** A quote and the event that follows from it are of one moment. */
const LONGEST_DECISION_MS = 60_000;

type Asked = { readonly orderNo: string; readonly at: string; readonly data: OrderChangeRequested['data'] };

export const changesProved: PromiseOf = (ledger) => {
  const asked: Asked[] = [];
  return {
    ...observing(orderCategory, (event, orderNo) => {
      if (event.type === 'OrderChangeRequested') asked.push({ orderNo, at: event.meta.at, data: event.data });
    }),
    findings() {
      const found = new Violations();
      for (const one of asked) {
        const wrong = feeDefect(ledger, one);
        if (wrong !== undefined) found.add('FEE_WRONG', `${one.data.changeNo}: ${wrong}`);
      }
      for (const [orderNo, order] of ledger.orders) {
        const wrong = linkDefect(ledger, orderNo, order);
        if (wrong !== undefined) found.add('CHANGE_DIFFERS', `order ${orderNo} ${wrong}`);
        for (const change of order.changes) checkChange(found, change, ledger.orders.get(change.newOrderNo));
      }
      return found.list;
    },
  };
};

const checkChange = (
  found: Violations,
  { changeNo, newOrderNo, status }: OrderChange,
  later: Order | undefined,
): void => {
  const isChanged = status === 'CHANGED' || status === 'SETTLED';
  if (later === undefined) {
    // The order of a pending change may be still to come.
    if (status !== 'PENDING')
      found.add('CHANGE_DIFFERS', `${changeNo} is ${status}, and there is no order ${newOrderNo}`);
    return;
  }
  if (later.tickets.length > 0 && !isChanged)
    found.add('TICKET_TWICE', `${changeNo} is ${status}, and order ${newOrderNo} has its tickets`);
  const isOnItsWay = later.status === 'TICKETING' || later.closeReason === 'RUN_CANCELLED';
  if (isChanged && later.tickets.length === 0 && !isOnItsWay)
    found.add('CHANGE_DIFFERS', `${changeNo} is done, and order ${newOrderNo} is ${later.status}`);
  if (status === 'DROPPED' && later.status !== 'CLOSED')
    found.add('CHANGE_DIFFERS', `${changeNo} has come to nothing, and order ${newOrderNo} is ${later.status}`);
};

/** What is wrong with an order that was placed for a change. */
const linkDefect = ({ orders }: Ledger, orderNo: string, { request, requestHash }: Order): string | undefined => {
  const before = request?.change;
  if (before === undefined) return undefined;
  const change = orders.get(before.orderNo)?.changes.find(({ changeNo }) => changeNo === before.changeNo);
  if (change === undefined) return `is for the change ${before.changeNo}, which nobody asked for`;
  if (change.newOrderNo !== orderNo) return `is for ${before.changeNo}, which names the order ${change.newOrderNo}`;
  return change.requestHash === requestHash && JSON.stringify(change.request) === JSON.stringify(request)
    ? undefined
    : `asks for something else than ${before.changeNo}`;
};

const feeDefect = (ledger: Ledger, { orderNo, at, data }: Asked): string | undefined => {
  const before = ledger.orders.get(orderNo)?.request;
  const earlier = before === undefined ? undefined : ledger.openedRun(runName(before));
  const later = ledger.openedRun(runName(data.request));
  // Other promises name an order without a run.
  if (before === undefined || earlier === undefined || later === undefined) return undefined;
  const table = TABLES.find(({ version }) => version === data.table);
  if (table === undefined) return `there is no table ${data.table}`;
  const nowMs = Date.parse(data.quotedAt);
  if (!(Math.abs(Date.parse(at) - nowMs) <= LONGEST_DECISION_MS))
    return `quoted at ${data.quotedAt}, asked for at ${at}`;
  const zone = zoneNamed(earlier.zone);
  const departsMs = boardingMs(earlier, before.from);
  const quote = quoteChange(table, data.items, {
    nowMs,
    today: zone.date(nowMs),
    departsMs,
    departsDate: zone.date(departsMs),
    newDate: zone.date(boardingMs(later, data.request.from)),
    isOtherDestination: data.isOtherDestination,
  });
  if (quote === undefined) return `no change was possible at ${data.quotedAt}`;
  const { changedLate, changedAfterDeparture = false } = data.request.change;
  // Logs of before this was written down have no such mark.
  if (changedAfterDeparture && nowMs < departsMs) return `it is marked as made after the departure, and was not`;
  if (changedLate !== isChangedLate(table.refunds, departsMs - nowMs)) return 'what it does to a refund is wrong';
  for (const [index, item] of data.items.entries()) {
    const { feeFen, rule } = quote.items[index] ?? { feeFen: Number.NaN, rule: '' };
    if (item.feeFen !== feeFen || item.rule !== rule)
      return `the fee of ticket ${item.itemNo} is ${item.feeFen} by ${item.rule}, and should be ${feeFen} by ${rule}`;
  }
  return undefined;
};
