// A changed order has its seats, and its money: its lock is confirmed, and then its tickets are valid and those before
// them void, by one event of the earlier order. Where the store can, the new order's own event is written with it.
import { decide } from '@railhead/domain/order/decide.ts';
import type { TicketsBefore } from '@railhead/domain/order/events.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { LockOutcome } from '../../allocation/operation.ts';
import { loadOrder } from '../../orders/load-order.ts';
import type { StreamAppend } from '../../ports/event-store.ts';
import { appendOf } from '../../streams/append.ts';
import { type OrderStep, type OrderStepContext, stepMeta, write } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';

const KIND = 'exchangeTickets';

export const exchangeTickets: OrderStep = {
  kind: KIND,
  due: ({ order: { status, request } }) =>
    request?.change !== undefined && (status === 'PAID' || status === 'TICKETING') ? [{ key: '' }] : [],
  run: async (context) => {
    const { request, orderNo, seatClass } = context.current().order;
    if (request?.change === undefined || seatClass === undefined) return undefined;
    const outcome = await confirmed(context);
    if (outcome.ok) await exchange(context, request.change);
    else if (outcome.refusal.code !== 'LOCK_NOT_HELD')
      throw new Error(`${orderNo}: ${outcome.refusal.code}: ${outcome.refusal.detail}`);
    return undefined;
  },
};

const confirmed = async (context: OrderStepContext): Promise<LockOutcome> => {
  const { deps, current } = context;
  const { order } = current();
  const { request, orderNo, seatClass } = order;
  if (request === undefined || seatClass === undefined) throw new Error(`order ${orderNo} has no seats`);
  const meta = stepMeta(context, `${KIND}/confirm`);
  const behind = {
    isWaiting: () => true,
    eventFor: (outcome: LockOutcome): StreamAppend | undefined => {
      const tracked = current();
      const start = tracked.order.status === 'PAID' ? [{ type: 'StartTicketing' as const }] : [];
      if (outcome.ok) return orderAppend(tracked, start, meta);
      const reason = `${outcome.refusal.code}: ${outcome.refusal.detail}`;
      return outcome.refusal.code === 'LOCK_NOT_HELD'
        ? orderAppend(tracked, [...start, { type: 'FailTicketing', reason }], meta)
        : undefined;
    },
  };
  return deps.pool.submit({ ...request, seatClass }, { kind: 'confirm', orderNo, meta, order: behind });
};

/** Attempts while something else happens to one of the two orders. */
const MAX_ATTEMPTS = 10;

const exchange = async (context: OrderStepContext, before: TicketsBefore): Promise<void> => {
  const { deps, current } = context;
  const { store } = deps;
  const { orderNo } = current().order;
  const meta = stepMeta(context, KIND);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const earlier = await loadOrder(store, before.orderNo);
    const mine = await loadOrder(store, orderNo);
    // Confirmed, but the order's own event did not come through; or another process has been here.
    if (mine.order.status !== 'TICKETING') return;
    const id = `${before.changeNo}/complete`;
    const decided = decide(earlier.order, { id, type: 'CompleteChange', changeNo: before.changeNo });
    if (!decided.ok) {
      // The earlier tickets are worth nothing any more, so there is nothing to change.
      const reason = `${decided.refusal.code}: ${decided.refusal.detail}`;
      return write(deps, orderAppend(mine, [{ type: 'FailTicketing', reason }], meta));
    }
    const issued = orderAppend(mine, [{ type: 'IssueTickets' }], meta);
    if (issued === undefined) return;
    const stream = orderCategory.stream(before.orderNo);
    const changed =
      decided.value.length === 0 ? [] : [appendOf(stream, earlier.revision, decided.value, { ...meta, commandId: id })];
    if (await areWritten(context, [...changed, issued])) return;
  }
  throw new Error(`${before.changeNo}: its orders keep changing`);
};

/** The earlier order's event first: it decides. */
const areWritten = async (
  { deps: { store } }: OrderStepContext,
  appends: readonly StreamAppend[],
): Promise<boolean> => {
  if (store.capabilities.atomicStreams) return (await store.append(appends)).every(({ ok }) => ok);
  for (const append of appends) {
    const [result] = await store.append([append]);
    if (result?.ok !== true) return false;
  }
  return true;
};
