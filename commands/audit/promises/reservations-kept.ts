// What is reserved is what orders are for: the journeys of their travellers, on every day that they touch, and the tickets
// of their buyer. A ticket that stands keeps its reservation. An order that is not limited has none at all.

import type { ReplacedTickets } from '@railhead/domain/buyer/events.ts';
import { buyerCategory } from '@railhead/domain/buyer/stream.ts';
import type { TicketsBefore } from '@railhead/domain/order/events.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { comparedDocumentNo } from '@railhead/domain/order/identity.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import { travellerCategory } from '@railhead/domain/traveller/stream.ts';
import { requestMarkOf } from '../../limits/request-mark.ts';
import { ticketStands } from '../../limits/ticket-stands.ts';
import { type Travel, travelOf } from '../../limits/travel.ts';
import type { Ledger } from '../ledger.ts';
import type { PromiseOf } from '../promise.ts';
import type { Said } from '../reserved.ts';
import { Violations } from '../violation.ts';

export const reservationsKept: PromiseOf = (ledger) => ({
  categories: [],
  observe() {
    // Reservations and orders are in different streams, so they are compared in `findings`.
  },
  findings() {
    const found = new Violations();
    const people = new People(found);
    const { journeys, tickets, endedUnpaid } = ledger.reserved;
    for (const orderNo of new Set([...journeys.keys(), ...tickets.keys()])) {
      const order = ledger.orders.get(orderNo);
      // What was reserved for it is counted as unclaimed.
      if (order?.request === undefined) continue;
      checkJourneys(found, people, ledger, order);
      checkTickets(found, people, ledger, order);
    }
    for (const orderNo of endedUnpaid.keys()) checkEnd(found, people, ledger, orderNo);
    return found.list;
  },
});

/** Another request under the same number may have reserved something else, and is not the order. */
const saidOf = <Data extends { readonly requestMark: string }>(
  { requestHash }: Order,
  said: readonly Said<Data>[] = [],
): readonly Said<Data>[] => said.filter(({ data }) => data.requestMark === requestMarkOf(requestHash));

/** A key stands for one document, or one user. */
class People {
  readonly #found: Violations;
  readonly #known = new Map<string, string>();

  constructor(found: Violations) {
    this.#found = found;
  }

  check(key: string, who: string, orderNo: string): void {
    const known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, who);
    else if (known !== who)
      this.#found.add('RESERVATION_DIFFERS', `order ${orderNo} is reserved under ${key}, the key of somebody else`);
  }
}

const checkJourneys = (found: Violations, people: People, ledger: Ledger, order: Order): void => {
  const { orderNo, request } = order;
  const said = saidOf(order, ledger.reserved.journeys.get(orderNo));
  const run = request === undefined ? undefined : ledger.openedRun(runName(request));
  if (request === undefined || run === undefined || said.length === 0) return;
  const travel = travelOf(run, request);
  const active = new Set<string>();
  const keys = new Map<number, string>();
  for (const { id, data } of said) {
    const passenger = request.passengers[data.itemNo - 1];
    const isOf = data.train === request.train && data.date === request.date && passenger !== undefined;
    if (data.replaces !== undefined && data.replaces !== request.change?.orderNo)
      found.add('RESERVATION_DIFFERS', `order ${orderNo} is not for the change of a ticket of ${data.replaces}`);
    if (!isOf || data.from !== travel.from || data.to !== travel.to || !travel.dates.includes(id.date))
      found.add('RESERVATION_DIFFERS', `order ${orderNo} has a journey reserved on ${id.date} that it is not for`);
    else if ((keys.get(data.itemNo) ?? id.key) !== id.key)
      found.add('RESERVATION_DIFFERS', `order ${orderNo} has two documents reserved for ticket ${data.itemNo}`);
    else people.check(id.key, `${passenger.idType}:${comparedDocumentNo(passenger.idNo)}`, orderNo);
    keys.set(data.itemNo, id.key);
    const { journeys } = ledger.reserved.traveller(travellerCategory.stream(id));
    if (journeys.some((one) => one.orderNo === orderNo && one.itemNo === data.itemNo))
      active.add(`${data.itemNo} ${id.date}`);
  }
  for (const missing of missingOf(order, travel, active))
    found.add('RESERVATION_BROKEN', `order ${orderNo}: nothing is reserved for ticket ${missing}`);
};

/** Tickets that stand, and days of theirs on which no journey is reserved. */
const missingOf = (order: Order, { dates }: Travel, active: ReadonlySet<string>): readonly string[] =>
  (order.request?.passengers ?? []).flatMap((_, index) =>
    ticketStands(order, index + 1)
      ? dates.map((date) => `${index + 1} ${date}`).filter((name) => !active.has(name))
      : [],
  );

const checkTickets = (found: Violations, people: People, ledger: Ledger, order: Order): void => {
  const { orderNo, request } = order;
  const said = saidOf(order, ledger.reserved.tickets.get(orderNo));
  if (request === undefined || said.length === 0) return;
  const all = request.passengers.map((_, index) => index + 1);
  for (const { id, data } of said) {
    if (data.replaces !== undefined && !isReplaced(ledger, request.change, data.replaces))
      found.add('RESERVATION_DIFFERS', `order ${orderNo} is not for the change of those tickets`);
    if (data.train !== request.train || id.date !== request.date || data.itemNos.join() !== all.join())
      found.add('RESERVATION_DIFFERS', `order ${orderNo} has tickets reserved for ${data.train} on ${id.date}`);
    else people.check(id.key, request.userId, orderNo);
  }
  const counted = said.flatMap(({ id }) =>
    ledger.reserved
      .buyer(buyerCategory.stream(id))
      .reserved.filter((one) => one.orderNo === orderNo)
      .flatMap(({ itemNos }) => itemNos),
  );
  const missing = all.find((itemNo) => ticketStands(order, itemNo) && !counted.includes(itemNo));
  if (missing !== undefined)
    found.add('RESERVATION_BROKEN', `order ${orderNo}: ticket ${missing} is not counted for its buyer`);
};

const isReplaced = ({ orders }: Ledger, change: TicketsBefore | undefined, replaces: ReplacedTickets): boolean => {
  const before = orders.get(replaces.orderNo)?.changes.find(({ changeNo }) => changeNo === change?.changeNo);
  const itemNos = before?.items.map(({ itemNo }) => itemNo) ?? [];
  return change?.orderNo === replaces.orderNo && replaces.itemNos.every((itemNo) => itemNos.includes(itemNo));
};

const checkEnd = (found: Violations, people: People, { orders, reserved }: Ledger, orderNo: string): void => {
  const order = orders.get(orderNo);
  const said = reserved.endedUnpaid.get(orderNo) ?? [];
  const isUnpaid = order?.status === 'CLOSED' && order.payBefore !== undefined && order.paymentNo === undefined;
  for (const { id, data } of said) {
    if (!isUnpaid || order.closeReason !== data.reason || order.closedAt?.startsWith(id.date) !== true)
      found.add('RESERVATION_DIFFERS', `order ${orderNo} did not end unpaid on ${id.date}: ${data.reason}`);
    else if (order.request !== undefined) people.check(id.key, order.request.userId, orderNo);
  }
};

/** Reserved for tickets that do not stand, and by requests that never became an order. */
export const reservationsLeft = ({
  orders,
  reserved,
}: Ledger): { readonly ended: number; readonly unclaimed: number } => {
  const left = { ended: 0, unclaimed: 0 };
  const count = (orderNo: string, requestMark: string, itemNo: number): void => {
    const order = orders.get(orderNo);
    if (order?.request === undefined || requestMarkOf(order.requestHash) !== requestMark) left.unclaimed += 1;
    else if (!ticketStands(order, itemNo)) left.ended += 1;
  };
  for (const { journeys } of reserved.travellers.values())
    for (const { orderNo, requestMark, itemNo } of journeys) count(orderNo, requestMark, itemNo);
  for (const buyer of reserved.buyers.values())
    for (const { orderNo, requestMark, itemNos } of buyer.reserved)
      for (const itemNo of itemNos) count(orderNo, requestMark, itemNo);
  return left;
};
