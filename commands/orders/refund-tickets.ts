// Tickets are given back: what it brings, and then the doing of it. From the event on the tickets are void; the order
// process frees their seats and sends the money.
import { accept, type Decision, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Currency, Fen } from '@railhead/domain/kernel/money.ts';
import { decide } from '@railhead/domain/order/decide.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { freeItems, type Order, type OrderRefund } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { quoteRefund, type RefundQuote, type RefundTable } from '@railhead/domain/refund/fees.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { timestampOf } from '../ports/clock.ts';
import type { Position } from '../ports/event-store.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { type TransactDeps, transact } from '../streams/transact.ts';
import { loadOrder } from './load-order.ts';

export type RefundDeps = TransactDeps & { readonly runs: RunDirectory; readonly table: RefundTable };

/** `itemNos`: which tickets; absent: all that are left. */
export type AskForQuote = { readonly orderNo: string; readonly userId: string; readonly itemNos?: readonly number[] };

/** `quotedFen`: the refund that the caller was told; with another one nothing is done. */
export type RefundTickets = AskForQuote & {
  readonly quotedFen?: Fen;
  readonly idempotencyKey: string;
  readonly correlationId: string;
};

export type QuoteRefusal = 'ORDER_NOT_FOUND' | 'NOT_REFUNDABLE' | 'RUN_CANCELLED';
export type RefundRefusal = QuoteRefusal | 'QUOTE_EXPIRED';

export type TicketsQuote = RefundQuote & { readonly currency: Currency };

export const quoteTickets = async (
  deps: RefundDeps,
  asked: AskForQuote,
): Promise<Result<TicketsQuote, QuoteRefusal>> => {
  const { order } = await loadOrder(deps.store, asked.orderNo);
  const run = await runOf(deps, order);
  return quoteOf(deps, order, run, asked, deps.clock.now());
};

export const refundTickets = async (
  deps: RefundDeps,
  command: RefundTickets,
): Promise<Result<{ readonly refund: OrderRefund; readonly position: Position }, RefundRefusal | 'CONTENDED'>> => {
  const { orderNo, userId, idempotencyKey, correlationId, quotedFen } = command;
  const { order: known } = await loadOrder(deps.store, orderNo);
  const run = await runOf(deps, known);
  const id = `${orderNo}/refund/${idempotencyKey}`;
  let refund: OrderRefund | undefined;
  const origin = { commandId: id, actor: userId, correlationId };
  const done = await transact(deps, orderCategory, orderNo, origin, (order): Decision<OrderEvent, RefundRefusal> => {
    refund = order.request?.userId === userId ? order.refunds.find(({ commandId }) => commandId === id) : undefined;
    if (refund !== undefined) return accept([]);
    const nowMs = deps.clock.now();
    const quoted = quoteOf(deps, order, run, command, nowMs);
    if (!quoted.ok) return quoted;
    const { items, feeFen, refundFen } = quoted.value;
    if (quotedFen !== undefined && quotedFen !== refundFen)
      return refuse('QUOTE_EXPIRED', `the refund is ${refundFen} fen now`, { refundFen, feeFen });
    // A ticket is given back once, so the first one names the refund.
    const refundNo = `${orderNo}R${items[0]?.itemNo ?? 0}`;
    refund = { refundNo, commandId: id, items, feeFen, refundFen, isDone: false };
    const decided = decide(order, {
      type: 'RequestRefund',
      id,
      refundNo,
      items,
      feeFen,
      refundFen,
      table: deps.table.version,
      quotedAt: timestampOf(deps.clock, nowMs),
    });
    return decided.ok ? decided : refuse('NOT_REFUNDABLE', decided.refusal.detail, decided.refusal.extra);
  });
  if (!done.ok) return done;
  if (refund === undefined) throw new Error(`no refund was decided for ${orderNo}`);
  return accept({ refund, position: done.value.position });
};

const runOf = async ({ runs }: RefundDeps, { request }: Order): Promise<OpenedRun | undefined> =>
  request === undefined ? undefined : runs.find(request.train, request.date);

const quoteOf = (
  { table }: RefundDeps,
  order: Order,
  run: OpenedRun | undefined,
  { orderNo, userId, itemNos }: AskForQuote,
  nowMs: number,
): Result<TicketsQuote, QuoteRefusal> => {
  const { request, status } = order;
  if (request?.userId !== userId || run === undefined) return refuse('ORDER_NOT_FOUND', `no order ${orderNo}`);
  if (run.status === 'cancelled')
    return refuse('RUN_CANCELLED', `${run.train} on ${run.date} is cancelled; all of the fare comes back by itself`);
  if (status !== 'SUCCESS') return refuse('NOT_REFUNDABLE', `order ${orderNo} is ${status}`, { orderStatus: status });
  const free = freeItems(order);
  const unknown = itemNos?.find((itemNo) => !free.some((item) => item.itemNo === itemNo));
  if (unknown !== undefined)
    return refuse('NOT_REFUNDABLE', `order ${orderNo} has no ticket ${unknown} that could be given back`);
  const items = itemNos === undefined ? free : free.filter(({ itemNo }) => itemNos.includes(itemNo));
  if (items.length === 0) return refuse('NOT_REFUNDABLE', `order ${orderNo} has no ticket that could be given back`);
  const departsMs = boardingMs(run, request.from);
  const { changedLate = false, changedAfterDeparture = false } = request.change ?? {};
  if (changedAfterDeparture)
    return refuse('NOT_REFUNDABLE', 'tickets that were changed after their train had left are not given back');
  const quote = quoteRefund(table, items, { nowMs, departsMs, changedLate });
  return quote === undefined
    ? refuse('NOT_REFUNDABLE', `${run.train} has left ${request.fromStation.name}`)
    : accept({ ...quote, currency: request.currency });
};
