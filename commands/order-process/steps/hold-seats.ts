// A queued order gets seats from the allocator of its class, is offered to stand, or is closed.
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import { isSeatClass, type SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { OrderItem } from '@railhead/domain/order/events.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { seatWish } from '@railhead/domain/order/seat-wish.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import type { LockOutcome, OrderBehind } from '../../allocation/operation.ts';
import { isCounted } from '../../allocation/selling-rules.ts';
import { loadOrder } from '../../orders/load-order.ts';
import { standingFares } from '../../orders/standing-fares.ts';
import type { TrackedOrder } from '../../orders/tracked-order.ts';
import { timestampOf } from '../../ports/clock.ts';
import type { StreamAppend } from '../../ports/event-store.ts';
import type { RunDirectory } from '../../runs/run-directory.ts';
import { boardingMs } from '../../runs/sale-window.ts';
import { itemsOf } from '../order-items.ts';
import { type OrderStep, type OrderStepContext, type OrderStepDeps, stepMeta, write } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';
import { releaseIn } from './release-seats.ts';

const MINUTE_MS = 60_000;

export const holdSeats: OrderStep = {
  kind: 'holdSeats',
  due: ({ order: { status, seatClass } }) =>
    status === 'QUEUED' && seatClass !== undefined ? [{ key: seatClass }] : [],
  run: async (context) => {
    const { request, orderNo } = context.current().order;
    const seatClass = context.key;
    if (request === undefined || !isSeatClass(seatClass)) return undefined;
    const { runs, clock, pool, paymentMinutes } = context.deps;
    const { train, date, from, to, passengers, acceptSeatChange } = request;
    const meta = stepMeta(context, seatClass === 'standing' ? 'holdSeats/standing' : 'holdSeats');
    const run = await runs.find(train, date);
    const endsMs = run === undefined ? Number.POSITIVE_INFINITY : boardingMs(run, from);
    if (endsMs <= clock.now()) {
      const close = {
        type: 'Close',
        reason: 'SALE_CLOSED',
        detail: `${train} has left ${request.fromStation.name}`,
      } as const;
      return write(context.deps, orderAppend(context.current(), [close], meta));
    }
    // The time to pay ends no later than the train leaves the stop where the travellers board.
    const payBeforeMs = Math.min(endsMs, clock.now() + paymentMinutes * MINUTE_MS);
    const times = {
      payBefore: timestampOf(clock, payBeforeMs),
      saleEnds: timestampOf(clock, run === undefined ? payBeforeMs : endsMs),
    };
    const order = seated(context, { run, seatClass, times, meta });
    const wants = passengers.map((passenger) => seatWish(passenger, seatClass, date));
    const assignedLater = run?.lateAssignment?.includes(seatClass) === true;
    const outcome = await pool.submit(
      { train, date, seatClass },
      { kind: 'hold', orderNo, from, to, wants, acceptSeatChange, assignedLater, meta, order },
    );
    // With no run there is no allocator, so the order's own event has not been written yet.
    if (!outcome.ok && outcome.refusal.code === 'SALE_STOPPED') await write(context.deps, order.eventFor(outcome));
    // Where lock and order are not written together, the order may have ended while its seats were being held. Its
    // event was then refused, or not even tried because the end was already known here.
    const { status } = context.current().order;
    const hasEnded = outcome.ok ? status === 'CLOSED' || status === 'ABSENT' : outcome.refusal.code === 'ORDER_MOVED';
    if (hasEnded) await releaseOfEnded(context.deps, orderNo, seatClass, meta);
    return undefined;
  },
};

type Hold = {
  readonly run: OpenedRun | undefined;
  readonly seatClass: SeatClass;
  readonly times: { readonly payBefore: string; readonly saleEnds: string };
  readonly meta: EventMeta;
};

/** The order as the allocator asks about it while it decides the hold. */
const seated = ({ current, deps: { runs } }: OrderStepContext, hold: Hold): OrderBehind => ({
  isWaiting: () => current().order.status === 'QUEUED' && current().order.seatClass === hold.seatClass,
  eventFor: (outcome) => holdAppend(current(), outcome, hold, runs),
});

const holdAppend = (
  tracked: TrackedOrder,
  outcome: LockOutcome,
  { run, times, meta }: Hold,
  runs: RunDirectory,
): StreamAppend | undefined => {
  if (outcome.ok) {
    if (run === undefined) throw new Error(`seats were held on a run that is not there: ${tracked.order.orderNo}`);
    const { lockId, plan } = outcome.value;
    const items = namedItems(plan, tracked.order, run, runs);
    return orderAppend(tracked, [{ type: 'HoldSeats', lockId, items, ...times }], meta);
  }
  const { code, detail } = outcome.refusal;
  switch (code) {
    case 'SOLD_OUT': {
      const faresFen = standingFaresOf(tracked.order, run);
      if (faresFen !== undefined) return orderAppend(tracked, [{ type: 'OfferStanding', faresFen }], meta);
      return orderAppend(tracked, [{ type: 'Close', reason: code, detail }], meta);
    }
    case 'SALE_STOPPED':
    case 'SALE_CLOSED':
    case 'RUN_CANCELLED':
      return orderAppend(tracked, [{ type: 'Close', reason: code, detail }], meta);
    default:
      return undefined;
  }
};

/** The items with the seats of a plan; a place sold by count has no seat. */
const namedItems = (
  plan: LockPlan,
  { seatClass, faresFen }: Order,
  run: OpenedRun,
  runs: RunDirectory,
): readonly OrderItem[] => {
  if (seatClass === undefined || isCounted(run, seatClass))
    return faresFen.map((fareFen, index) => ({ itemNo: index + 1, fareFen }));
  return itemsOf(plan.legs, faresFen, { seats: runs.seatsOf(run, seatClass), stops: run.stops });
};

const standingFaresOf = ({ request, seatClass }: Order, run: OpenedRun | undefined): readonly Fen[] | undefined =>
  request && standingFares({ ...request, seatClass, kinds: request.passengers.map(({ kind }) => kind) }, run);

const releaseOfEnded = async (
  deps: OrderStepDeps,
  orderNo: string,
  seatClass: SeatClass,
  meta: EventMeta,
): Promise<void> => {
  const { order } = await loadOrder(deps.store, orderNo);
  if (order.status === 'CLOSED' || order.seatClass !== seatClass) await releaseIn(deps, order, [seatClass], meta);
};
