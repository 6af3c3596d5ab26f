// What people may have, folded from the orders alone by code of this test's own: nobody has more tickets than they may,
// or two journeys at one time, after any commit.
import type { Stop } from '@railhead/domain/timetable/timetable.ts';
import { isLimited, type LimitsPlan } from '../world/plan.ts';
import { Violation } from '../world/violation.ts';
import { type BeforeTruth, keptNos, type SoldOrder } from './after-sales.ts';

export type LimitedOrder = SoldOrder & {
  readonly request: {
    readonly userId: string;
    readonly train: string;
    readonly date: string;
    readonly from: number;
    readonly to: number;
    readonly passengers: readonly { readonly idNo: string }[];
  };
};

export type LimitedWorld = {
  readonly limits: LimitsPlan;
  readonly orders: ReadonlyMap<string, LimitedOrder>;
  /** Orders that were counted as ended unpaid; a world lasts less than a day. */
  readonly endedUnpaid: ReadonlySet<string>;
  readonly atomicStreams: boolean;
  readonly stopsOf: (train: string, date: string) => readonly Stop[];
};

/** Somebody may travel with it, or will if it is paid. */
type TicketTruth = {
  readonly order: LimitedOrder;
  readonly itemNo: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly day: string;
};

const MINUTE_MS = 60_000;
const BEIJING_MS = 480 * MINUTE_MS;

/** After a commit that had the order's request. */
export const assertWithinLimits = (world: LimitedWorld, { orderNo, request, before }: LimitedOrder): void => {
  const { limits, orders, endedUnpaid } = world;
  const all = [...orders.values()];
  if (isLimited(request.userId)) {
    const { train, date, userId } = request;
    const ends = all.filter((one) => one.request.userId === userId && endedUnpaid.has(one.orderNo)).length;
    // Elsewhere it is looked at before the order is written.
    if (world.atomicStreams && before === undefined && ends >= limits.unpaidEndsPerDay)
      throw new Violation('CANCELLED_TOO_OFTEN', `${ends} orders of ${userId} ended unpaid before order ${orderNo}`);
    const same = all.filter((one) => one.request.train === train && one.request.date === date);
    const tickets = withoutReplaced(same.filter((one) => one.request.userId === userId).flatMap(ticketsOf(world)));
    if (tickets.length > limits.ticketsPerTrain)
      throw new Violation('LIMIT_TRAIN', `${userId} has ${tickets.length} tickets for ${train} with order ${orderNo}`);
  }
  for (const { idNo } of request.passengers) {
    const tickets = all.flatMap(ticketsOf(world)).filter(({ order, itemNo }) => holderOf(order, itemNo) === idNo);
    const mine = tickets.find(({ order }) => order.orderNo === orderNo);
    if (mine === undefined) continue;
    const counted = withoutReplaced(tickets.filter(({ day }) => day === mine.day));
    if (counted.length > limits.ticketsPerDocument)
      throw new Violation('LIMIT_DOCUMENT', `${idNo} has ${counted.length} tickets on ${mine.day} with ${orderNo}`);
    const other = tickets.find((one) => one !== mine && !isBefore(before, one) && meet(one, mine));
    if (other !== undefined)
      throw new Violation('JOURNEYS_OVERLAP', `${idNo} travels with order ${other.order.orderNo} and ${orderNo}`);
  }
};

const holderOf = ({ request }: LimitedOrder, itemNo: number): string | undefined =>
  request.passengers[itemNo - 1]?.idNo;

const ticketsOf =
  ({ stopsOf }: LimitedWorld) =>
  (order: LimitedOrder): readonly TicketTruth[] => {
    if (order.status === 'CLOSED') return [];
    const { train, date, from, to } = order.request;
    const stops = stopsOf(train, date);
    const midnight = Date.parse(`${date}T00:00:00+08:00`);
    const fromMs = midnight + (stops[from]?.departs ?? 0) * MINUTE_MS;
    const toMs = midnight + (stops[to]?.arrives ?? 0) * MINUTE_MS;
    const day = new Date(fromMs + BEIJING_MS).toISOString().slice(0, 10);
    return keptNos(order).map((itemNo) => ({ order, itemNo, fromMs, toMs, day }));
  };

const isBefore = (before: BeforeTruth | undefined, { order, itemNo }: TicketTruth): boolean =>
  before?.orderNo === order.orderNo && order.changes.get(before.changeNo)?.itemNos.includes(itemNo) === true;

/** Until a change is decided both tickets stand, and are one. */
const withoutReplaced = (tickets: readonly TicketTruth[]): readonly TicketTruth[] =>
  tickets.filter((one) => !tickets.some(({ order }) => isBefore(order.before, one)));

const meet = (a: TicketTruth, b: TicketTruth): boolean => {
  const [one, other] = [a.order.request, b.order.request];
  const isSameRun = one.train === other.train && one.date === other.date;
  return isSameRun || (a.fromMs < b.toMs && b.fromMs < a.toMs);
};
