// What changed of a whole railway between two moments, in numbers, with the first of the orders and classes that changed.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { strangenessIn } from '@railhead/commands/streams/understood.ts';
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { type ClassId, parseClassName } from '@railhead/domain/train-run/stream.ts';
import type { StockCount } from '../availability/shown-stock.ts';
import { namesIn, CATEGORIES as OF_STOCK } from '../availability/stock-fold.ts';
import { eventsOfRun } from '../availability/stock-in-log.ts';
import { ChangedOrders, type OrdersDiff } from './changed-orders.ts';
import type { AskedDiff } from './diff-thing.ts';
import { eachEvent, type PastLog } from './past-log.ts';
import { RunFold } from './run-fold.ts';
import { type ToldStream, toldStreams } from './told-moment.ts';

export type ChangedClass = ClassId & {
  /** From the first stop to the last; `before` is absent where it was not on sale yet. */
  readonly before?: StockCount;
  readonly after: StockCount;
  /** So many events of it, the first and the last at these positions. */
  readonly events: number;
  readonly first: number;
  readonly last: number;
};

/** `paidFen` came in and `refundedFen` went back; `askedBackFen` was asked to go back. */
export type MoneyDiff = {
  readonly payments: number;
  readonly paidFen: number;
  readonly askedBackFen: number;
  readonly refunds: number;
  readonly refundedFen: number;
};

export type RailwayDiff = {
  readonly events: number;
  /** The most frequent first. */
  readonly types: readonly { readonly type: string; readonly events: number }[];
  readonly orders: OrdersDiff;
  readonly money: MoneyDiff;
  /** Those with the most events first. `leftOut`: so many more had events, and were not looked at. */
  readonly classes: { readonly list: readonly ChangedClass[]; readonly leftOut: number };
  /** The first streams that this version does not understand to their end. */
  readonly setAside: readonly ToldStream[];
};

const PAGE = 2_000;
const MOST_TYPES = 200;

export const diffRailway = async (
  log: PastLog,
  { from, to, limit }: AskedDiff,
): Promise<Result<RailwayDiff, 'MOMENT_INVALID'>> => {
  // EventStoreDB reads on from an event alone.
  if (from.position > 0 && from.at === undefined)
    return refuse('MOMENT_INVALID', `no event stands at position ${from.position}, from which the log would be read`);
  const types = new Map<string, number>();
  const orders = new ChangedOrders(log, from.position, limit);
  const money = new Money();
  const classes = new Map<string, { events: number; readonly first: number; last: number }>();
  const strangenessOf = strangenessIn([orderCategory, paymentCategory, ...OF_STOCK]);
  const setAside = new Map<string, string>();
  let count = 0;
  const add = async (event: RecordedEvent): Promise<void> => {
    count += 1;
    types.set(event.type, (types.get(event.type) ?? 0) + 1);
    const strangeness = strangenessOf(event);
    if (strangeness !== undefined && setAside.size < limit) setAside.set(event.stream, strangeness);
    await orders.add(event);
    money.add(event);
    const name = OF_STOCK.some((category) => category.holds(event)) ? namesIn(event.stream).ofClass : undefined;
    if (name === undefined) return;
    const known = classes.get(name);
    if (known === undefined) classes.set(name, { events: 1, first: event.position, last: event.position });
    else {
      known.events += 1;
      known.last = event.position;
    }
  };
  for (let after = from.position; after < to.position; ) {
    const { events, position, caughtUp } = await log.readAll({ after, limit: PAGE });
    for (const event of events) if (event.position <= to.position) await add(event);
    if (caughtUp || position <= after) break;
    after = position;
  }
  const most = [...classes].sort(([a, one], [b, other]) => other.events - one.events || (a < b ? -1 : 1));
  const list: ChangedClass[] = [];
  for (const [name, told] of most.slice(0, limit)) {
    const changed = await changedClass(log, name, { from, to, limit });
    if (changed !== undefined) list.push({ ...changed, ...told });
  }
  return accept({
    events: count,
    types: [...types]
      .map(([type, events]) => ({ type, events }))
      .sort((a, b) => b.events - a.events || (a.type < b.type ? -1 : 1))
      .slice(0, MOST_TYPES),
    orders: orders.diff,
    money: money.diff,
    classes: { list, leftOut: Math.max(0, most.length - limit) },
    setAside: toldStreams(setAside),
  });
};

/** Undefined: as many seats of it were free, held and sold as before. */
const changedClass = async (
  log: PastLog,
  name: string,
  { from, to }: AskedDiff,
): Promise<Omit<ChangedClass, 'events' | 'first' | 'last'> | undefined> => {
  const id = parseClassName(name);
  if (id === undefined) return undefined;
  const fold = new RunFold(id);
  const count = (): StockCount | undefined =>
    fold.run === undefined || fold.sizeOf(id.seatClass) === 0
      ? undefined
      : fold.count(id.seatClass, { from: 0, to: fold.run.stops.length - 1 });
  const events = await eventsOfRun(log, id, to.position, [id.seatClass]);
  const later = events.findIndex(({ position }) => position > from.position);
  const [early, rest] = later === -1 ? [events, []] : [events.slice(0, later), events.slice(later)];
  await eachEvent(log, early, (event) => fold.add(event));
  const before = count();
  await eachEvent(log, rest, (event) => fold.add(event));
  const after = count();
  if (after === undefined || (before !== undefined && isSame(before, after))) return undefined;
  return { ...id, ...(before === undefined ? {} : { before }), after };
};

const isSame = (a: StockCount, b: StockCount): boolean =>
  a.total === b.total && a.available === b.available && a.held === b.held && a.sold === b.sold;

class Money {
  #payments = 0;
  #paidFen = 0;
  #askedBackFen = 0;
  #refunds = 0;
  #refundedFen = 0;

  add(event: RecordedEvent): void {
    if (!paymentCategory.owns(event)) return;
    if (event.type === 'PaymentSucceeded') {
      this.#payments += 1;
      this.#paidFen += event.data.amountFen;
    } else if (event.type === 'PaymentRefundRequested') this.#askedBackFen += event.data.amountFen;
    else if (event.type === 'PaymentRefunded') {
      this.#refunds += 1;
      this.#refundedFen += event.data.amountFen;
    }
  }

  get diff(): MoneyDiff {
    return {
      payments: this.#payments,
      paidFen: this.#paidFen,
      askedBackFen: this.#askedBackFen,
      refunds: this.#refunds,
      refundedFen: this.#refundedFen,
    };
  }
}
