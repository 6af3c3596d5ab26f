// A changed order has its seats, and its money: its lock is confirmed, and then its tickets are valid and those before
// them void, by one event of the earlier order. Where the store can, the new order's own event is written with it.
import { decide } from '@railhead/domain/order/decide.ts';
import type { TicketsBefore } from '@railhead/domain/order/events.ts';
import { isVoidBy } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { loadOrder } from '../../orders/load-order.ts';
import type { StreamAppend } from '../../ports/event-store.ts';
import { appendOf } from '../../streams/append.ts';
import { confirmLock } from '../confirm-lock.ts';
import { type OrderStep, type OrderStepContext, stepMeta, write } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';
import { failTicketing, issue, nextTry, tooLate } from '../ticketing.ts';

const KIND = 'exchangeTickets';

export const exchangeTickets: OrderStep = {
  kind: KIND,
  due: (tracked) => {
    const { status, request } = tracked.order;
    const isDue = request?.change !== undefined && (status === 'PAID' || status === 'TICKETING');
    return isDue ? [{ key: '', ...nextTry(tracked) }] : [];
  },
  run: async (context) => {
    const { request, orderNo, seatClass } = context.current().order;
    if (request?.change === undefined || seatClass === undefined) return undefined;
    // Decided already, and this order did not hear of it: its tickets are valid, whatever has happened since.
    if (await isDecided(context, request.change)) return exchange(context, request.change);
    const late = await tooLate(context);
    if (late !== undefined) return failTicketing(context, KIND, late);
    const outcome = await confirmLock(context, `${KIND}/confirm`, false);
    if (!outcome.ok) {
      if (outcome.refusal.code === 'LOCK_NOT_HELD') return undefined;
      throw new Error(`${orderNo}: ${outcome.refusal.code}: ${outcome.refusal.detail}`);
    }
    const issued = await issue(context);
    if (issued.kind === 'again') return issued.learnt;
    if (issued.kind === 'refused') return failTicketing(context, KIND, issued.reason);
    return exchange(context, request.change);
  },
};

const isDecided = async ({ deps }: OrderStepContext, { orderNo, changeNo }: TicketsBefore): Promise<boolean> => {
  const { order } = await loadOrder(deps.store, orderNo);
  return order.changes.some((one) => one.changeNo === changeNo && isVoidBy(one));
};

/** Attempts while something else happens to one of the two orders. */
const MAX_ATTEMPTS = 10;

const exchange = async (context: OrderStepContext, before: TicketsBefore): Promise<undefined> => {
  const { deps, current } = context;
  const { store } = deps;
  const { orderNo } = current().order;
  const meta = stepMeta(context, KIND);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const earlier = await loadOrder(store, before.orderNo);
    const mine = await loadOrder(store, orderNo);
    // Confirmed, but the order's own event did not come through; or another process has been here.
    if (mine.order.status !== 'TICKETING') return undefined;
    const id = `${before.changeNo}/complete`;
    const decided = decide(earlier.order, { id, type: 'CompleteChange', changeNo: before.changeNo });
    if (!decided.ok) {
      // The earlier tickets are worth nothing any more, so there is nothing to change.
      const reason = `${decided.refusal.code}: ${decided.refusal.detail}`;
      return write(deps, orderAppend(mine, [{ type: 'FailTicketing', reason }], meta));
    }
    const issued = orderAppend(mine, [{ type: 'IssueTickets' }], meta);
    if (issued === undefined) return undefined;
    const stream = orderCategory.stream(before.orderNo);
    const changed =
      decided.value.length === 0 ? [] : [appendOf(stream, earlier.revision, decided.value, { ...meta, commandId: id })];
    if (await areWritten(context, [...changed, issued])) return undefined;
  }
  throw new Error(`${before.changeNo}: its orders keep changing`);
};

/** The earlier order's event first: it decides. */
const areWritten = async (
  { deps: { store } }: OrderStepContext,
  appends: readonly StreamAppend[],
): Promise<boolean> => {
  if (store.capabilities.atomicStreams) return (await store.append(appends, { atomic: true })).every(({ ok }) => ok);
  for (const append of appends) {
    const [result] = await store.append([append]);
    if (result?.ok !== true) return false;
  }
  return true;
};
