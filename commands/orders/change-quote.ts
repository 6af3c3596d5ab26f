// What a change of tickets costs, and whether it is possible: the tickets before, the journey after, and the table of fees.
import { type ChangeQuote, type ChangeTable, quoteChange } from '@railhead/domain/change/fees.ts';
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Currency } from '@railhead/domain/kernel/money.ts';
import type { OrderItem, OrderRequest, Passenger } from '@railhead/domain/order/events.ts';
import { freeItems, MAX_DROPPED_CHANGES, mayChangeAgain, type Order } from '@railhead/domain/order/fold.ts';
import { stationCategory } from '@railhead/domain/timetable/stream.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { load } from '../streams/load.ts';
import { loadOrder } from './load-order.ts';
import { type JourneyDeps, type JourneyRefusal, offeredJourney, type WantedJourney } from './wanted-journey.ts';

export type ChangeQuoteDeps = JourneyDeps & { readonly store: EventStore; readonly changes: ChangeTable };

/** `itemNos`: which tickets; absent: all that are left. */
export type AskForChange = Omit<WantedJourney, 'passengers'> & {
  readonly orderNo: string;
  readonly userId: string;
  readonly itemNos?: readonly number[];
  /** Wishes for seats, in the order of the items; where none is given, the earlier wish stands. */
  readonly wants?: readonly string[];
};

export type ChangeQuoteRefusal = 'ORDER_NOT_FOUND' | 'NOT_CHANGEABLE' | 'TOO_MANY_CHANGES' | JourneyRefusal;

/** Everything about a change that does not depend on the moment it is decided. */
export type PossibleChange = {
  /** The tickets that it is of. */
  readonly itemNos: readonly number[];
  /** The new order's request, but for what is due for it. */
  readonly request: Omit<OrderRequest, 'change'>;
  readonly departsMs: number;
  readonly newDepartsMs: number;
  readonly isOtherDestination: boolean;
};

export const changeOf = async (
  deps: ChangeQuoteDeps,
  order: Order,
  asked: AskForChange,
): Promise<Result<PossibleChange, ChangeQuoteRefusal>> => {
  const { train, date, seatClass, userId, orderNo } = asked;
  const before = order.request;
  if (before?.userId !== userId) return refuse('ORDER_NOT_FOUND', `no order ${orderNo}`);
  const items = changeableItems(order, asked);
  if (!items.ok) return items;
  const earlier = await deps.runs.find(before.train, before.date);
  if (earlier === undefined) return refuse('ORDER_NOT_FOUND', `no order ${orderNo}`);
  if (earlier.status === 'cancelled')
    return refuse(
      'RUN_CANCELLED',
      `${before.train} on ${before.date} is cancelled; all of the fare comes back by itself`,
    );
  const passengers = items.value.map(({ itemNo }, index) => travellerOf(before, itemNo, asked.wants?.[index]));
  const offered = await offeredJourney(deps, { ...asked, passengers });
  if (!offered.ok) return offered;
  const { run, stops, faresFen } = offered.value;
  // The class decides it for good. Known before, it costs nobody a change that can come to nothing.
  if (run.seatsAssigned && run.lateAssignment?.includes(seatClass) === true)
    return refuse('SALE_CLOSED', 'the seats have been given out; nothing more is sold');
  if (!(await isSameCity(deps.store, before.fromStation.code, asked.from)))
    return refuse(
      'NOT_CHANGEABLE',
      `the journey begins in ${before.fromStation.name}, and a change leaves that as it is`,
    );
  const { currency, acceptSeatChange } = before;
  const terms = { faresFen, currency, acceptStanding: false, acceptSeatChange };
  return accept({
    itemNos: items.value.map(({ itemNo }) => itemNo),
    request: { userId, train, date, ...stops, seatClass, passengers, ...terms },
    departsMs: boardingMs(earlier, before.from),
    newDepartsMs: boardingMs(run, stops.from),
    isOtherDestination: !(await isSameCity(deps.store, before.toStation.code, asked.to)),
  });
};

/** The quote at this moment, for the order as it is now. CONTENDED: other tickets are left than the change was made for. */
export const changeQuote = (
  { clock, changes }: Pick<ChangeQuoteDeps, 'clock' | 'changes'>,
  order: Order,
  asked: AskForChange,
  possible: PossibleChange,
  nowMs: number,
): Result<ChangeQuote, ChangeQuoteRefusal | 'CONTENDED'> => {
  const items = changeableItems(order, asked);
  if (!items.ok) return items;
  if (items.value.map(({ itemNo }) => itemNo).join() !== possible.itemNos.join())
    return refuse('CONTENDED', `the tickets of order ${order.orderNo} keep changing; try again`);
  const { departsMs, newDepartsMs, isOtherDestination, request } = possible;
  const fares = items.value.map(({ itemNo, fareFen }, index) => ({
    itemNo,
    fareFen,
    newFareFen: request.faresFen[index] ?? Number.NaN,
  }));
  const { zone } = clock;
  const quote = quoteChange(changes, fares, {
    nowMs,
    today: zone.date(nowMs),
    departsMs,
    departsDate: zone.date(departsMs),
    newDate: zone.date(newDepartsMs),
    isOtherDestination,
  });
  if (quote !== undefined) return accept(quote);
  const hours = changes.destination.atLeastMinutes / 60;
  return refuse(
    'NOT_CHANGEABLE',
    isOtherDestination
      ? `another destination is possible until ${hours} hours before the departure`
      : `${order.request?.train} has left ${order.request?.fromStation.name}, and only a train of that day or later is possible, on that day`,
  );
};

export type TicketsChangeQuote = ChangeQuote & { readonly currency: Currency; readonly validUntilMs: number };

export const quoteTicketsChange = async (
  deps: ChangeQuoteDeps,
  asked: AskForChange,
): Promise<Result<TicketsChangeQuote, ChangeQuoteRefusal | 'CONTENDED'>> => {
  const { order } = await loadOrder(deps.store, asked.orderNo);
  const possible = await changeOf(deps, order, asked);
  if (!possible.ok) return possible;
  const nowMs = deps.clock.now();
  const quote = changeQuote(deps, order, asked, possible.value, nowMs);
  if (!quote.ok) return quote;
  // The new train leaves, or the day ends, whatever the fees are.
  const untilMs = quote.value.validUntilMs ?? endOfDayMs(deps.clock, nowMs);
  const { request, newDepartsMs } = possible.value;
  return accept({ ...quote.value, currency: request.currency, validUntilMs: Math.min(untilMs, newDepartsMs) });
};

const MINUTES_A_DAY = 1_440;

const endOfDayMs = ({ zone }: Clock, nowMs: number): number => zone.instantMs(zone.date(nowMs), MINUTES_A_DAY);

const changeableItems = (
  order: Order,
  { orderNo, itemNos }: AskForChange,
): Result<readonly OrderItem[], 'NOT_CHANGEABLE' | 'TOO_MANY_CHANGES'> => {
  const { status, request } = order;
  if (status !== 'SUCCESS') return refuse('NOT_CHANGEABLE', `order ${orderNo} is ${status}`, { orderStatus: status });
  if (request?.change !== undefined)
    return refuse('NOT_CHANGEABLE', `the tickets of order ${orderNo} were changed before, and that is possible once`);
  const free = freeItems(order);
  const bound = itemNos?.find((itemNo) => !free.some((item) => item.itemNo === itemNo));
  if (bound !== undefined || free.length === 0)
    return refuse(
      'NOT_CHANGEABLE',
      `order ${orderNo} has no ticket ${bound === undefined ? '' : `${bound} `}that could be changed`,
    );
  if (!mayChangeAgain(order))
    return refuse('TOO_MANY_CHANGES', `${MAX_DROPPED_CHANGES} changes of order ${orderNo} have come to nothing`);
  return accept(itemNos === undefined ? free : free.filter(({ itemNo }) => itemNos.includes(itemNo)));
};

const travellerOf = ({ passengers }: OrderRequest, itemNo: number, wish: string | undefined): Passenger => {
  const passenger = passengers[itemNo - 1];
  if (passenger === undefined) throw new Error(`there is no passenger ${itemNo}`);
  return wish === undefined || wish === '' ? passenger : { ...passenger, wants: wish };
};

/** A station that the timetable does not name is a city of its own. */
const isSameCity = async (store: EventStore, one: string, other: string): Promise<boolean> => {
  if (one === other) return true;
  const cityOf = async (code: string) => (await load(store, stationCategory, code)).state?.city ?? code;
  return (await cityOf(one)) === (await cityOf(other));
};
