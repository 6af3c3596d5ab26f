// A request that was served becomes an order, which has its seats from the first event on and is paid with what was
// prepaid. If the limits of its people refuse it by now, it is written as an order that has ended: its seats and its
// money go back.

import type { OrderItem, OrderRequest } from '@railhead/domain/order/events.ts';
import { absentOrder } from '@railhead/domain/order/fold.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { faresIn, type Waitlist } from '@railhead/domain/waitlist/fold.ts';
import { isCounted } from '../../../allocation/selling-rules.ts';
import { type TrackedOrder, untracked } from '../../../orders/tracked-order.ts';
import { timestampOf } from '../../../ports/clock.ts';
import type { RunDirectory } from '../../../runs/run-directory.ts';
import { boardingMs } from '../../../runs/sale-window.ts';
import { itemsOf } from '../../order-items.ts';
import { type OrderStep, type OrderStepContext, stepMeta, write } from '../../order-step.ts';
import { orderAppend, waitlistAppend } from '../../order-writer.ts';

const KIND = 'placeServed';
const MINUTE_MS = 60_000;

export const placeServed: OrderStep = {
  kind: KIND,
  due: ({ waits, order }) => (waits?.waitlist.status === 'LOCKED' && order.status === 'ABSENT' ? [{ key: '' }] : []),
  run: async (context) => {
    const { deps, current } = context;
    const { waits } = current();
    const request = waits === undefined ? undefined : requestOf(waits.waitlist, current().payments);
    const served = waits?.waitlist.served;
    if (waits?.waitlist.request === undefined || request === undefined || served === undefined) return undefined;
    const { waitlistNo, requestHash } = waits.waitlist.request;
    const run = await deps.runs.find(request.train, request.date);
    if (run === undefined) throw new Error(`${request.train} on ${request.date} is not there`);
    const { train, date, seatClass, from, to } = request;
    const meta = stepMeta(context, KIND);
    // It has its lock, so this only reads what the lock has.
    const held = await deps.pool.submit(
      { train, date, seatClass },
      {
        kind: 'hold',
        orderNo: waitlistNo,
        from,
        to,
        wants: request.passengers.map(() => undefined),
        meta,
        order: NEVER,
      },
    );
    if (!held.ok) return giveUp(context, held.refusal);
    const items = namedItems(held.value.plan, request, run, deps.runs);
    const requested = { type: 'Request', orderNo: waitlistNo, requestHash, request } as const;
    const atFirst = { ...untracked, order: { ...absentOrder, orderNo: waitlistNo } };
    if (boardingMs(run, from) <= deps.clock.now()) {
      const detail = `${train} has left ${request.fromStation.name}`;
      const close = { type: 'Close', reason: 'SALE_CLOSED', detail } as const;
      return write(deps, orderAppend(atFirst, [requested, close], stepMeta(context, `${KIND}/late`)));
    }
    const hold = { type: 'HoldSeats', lockId: held.value.lockId, items, ...timesOf(context, run, from) } as const;
    const append = orderAppend(atFirst, [requested, hold], meta);
    if (append === undefined) throw new Error(`${waitlistNo} became no order`);
    const placed = await deps.reservations.place({ orderNo: waitlistNo, requestHash, request, run, append, meta });
    if (placed === 'taken' || placed.ok) return undefined;
    const { code, detail } = placed.refusal;
    if (code !== 'LIMIT_TRAIN' && code !== 'LIMIT_DOCUMENT' && code !== 'JOURNEY_OVERLAPS')
      throw new Error(`${waitlistNo}: ${code}: ${detail}`);
    const close = { type: 'Close', reason: code, detail } as const;
    return write(deps, orderAppend(atFirst, [requested, close], stepMeta(context, `${KIND}/limited`)));
  },
};

/** Asks for what is there; nothing new is held for it. */
const NEVER = { isWaiting: () => false, eventFor: () => undefined };

/** The request as that of an order: of the choice that was served. */
const requestOf = (
  { request, served, paymentNo }: Waitlist,
  payments: TrackedOrder['payments'],
): OrderRequest | undefined => {
  const choice = request?.choices[served?.choice ?? -1];
  if (request === undefined || served === undefined || choice === undefined || paymentNo === undefined)
    return undefined;
  const { train, date, from, to, fromStation, toStation } = choice;
  const { userId, passengers, currency, prepayFen } = request;
  return {
    userId,
    ...{ train, date, from, to, fromStation, toStation },
    seatClass: served.seatClass,
    passengers,
    faresFen: faresIn({ of: choice, seatClass: served.seatClass }),
    currency,
    acceptStanding: false,
    acceptSeatChange: false,
    waitlist: { paymentNo, channel: payments[paymentNo]?.payment.channel ?? '', prepaidFen: prepayFen },
  };
};

/** The prepaid money pays at once, so no more time is needed than for an order. */
const timesOf = ({ deps: { clock, paymentMinutes } }: OrderStepContext, run: OpenedRun, from: number) => {
  const endsMs = boardingMs(run, from);
  const payBeforeMs = Math.min(endsMs, clock.now() + paymentMinutes * MINUTE_MS);
  return { payBefore: timestampOf(clock, payBeforeMs), saleEnds: timestampOf(clock, endsMs) };
};

const namedItems = (
  plan: LockPlan,
  { seatClass, faresFen }: OrderRequest,
  run: OpenedRun,
  runs: RunDirectory,
): readonly OrderItem[] => {
  if (isCounted(run, seatClass)) return faresFen.map((fareFen, index) => ({ itemNo: index + 1, fareFen }));
  return itemsOf(plan.legs, faresFen, { seats: runs.seatsOf(run, seatClass), stops: run.stops });
};

/** Its seats were lost before its order was there: its run was cancelled. */
const giveUp = async (
  context: OrderStepContext,
  { code, detail }: { readonly code: string; readonly detail: string },
): Promise<undefined> => {
  const { waits } = context.current();
  if (waits === undefined || (code !== 'LOCK_ENDED' && code !== 'ORDER_MOVED' && code !== 'RUN_CANCELLED'))
    throw new Error(`${code}: ${detail}`);
  const fail = { type: 'Fail', reason: 'RUN_CANCELLED' } as const;
  return write(context.deps, waitlistAppend(waits, fail, stepMeta(context, `${KIND}/lost`)));
};
