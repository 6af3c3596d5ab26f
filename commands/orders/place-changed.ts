// Places the order of a change: its request stands in the order whose tickets are changed, so it is found again after a
// crash between the two. If the limits of its people refuse it, it is written as an order that has ended: then a repeated
// request, and the process, find the same end.
import { decide } from '@railhead/domain/order/decide.ts';
import type { CloseReason, OrderEvent } from '@railhead/domain/order/events.ts';
import { absentOrder, type OrderChange } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { Reservations } from '../limits/reservations.ts';
import type { Position } from '../ports/event-store.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import { appendOf, metaOf } from '../streams/append.ts';
import type { TransactDeps } from '../streams/transact.ts';
import { loadOrder } from './load-order.ts';

export type PlaceChangedDeps = TransactDeps & {
  readonly runs: RunDirectory;
  readonly reservations: Pick<Reservations, 'place'>;
};

/** 0 if it was placed before. Throws what the store throws, and if others keep ordering for the same people. */
export const placeNewOrder = async (
  { store, clock, runs, reservations }: PlaceChangedDeps,
  { changeNo, newOrderNo: orderNo, requestHash, request, items }: OrderChange,
): Promise<Position> => {
  const { order } = await loadOrder(store, orderNo);
  if (order.status !== 'ABSENT') return 0;
  const run = await runs.find(request.train, request.date);
  if (run === undefined) throw new Error(`${changeNo}: ${request.train} was not opened on ${request.date}`);
  const commandId = `${orderNo}/request`;
  const decided = decide(absentOrder, { id: commandId, type: 'Request', orderNo, requestHash, request });
  if (!decided.ok) throw new Error(`${changeNo}: ${decided.refusal.code}: ${decided.refusal.detail}`);
  const meta = metaOf(clock, { commandId, actor: request.userId, correlationId: changeNo });
  const stream = orderCategory.stream(orderNo);
  const replaces = { orderNo: request.change.orderNo, itemNos: items.map(({ itemNo }) => itemNo) };
  const append = appendOf(stream, -1, decided.value, meta);
  const placed = await reservations.place({ orderNo, request, run, replaces, append, meta, requestHash });
  if (placed === 'taken') return 0;
  if (placed.ok) return placed.value.position;
  const { code, extra } = placed.refusal;
  const detail = detailOf(placed.refusal.detail, extra?.passenger);
  if (!isLimit(code)) throw new Error(`${changeNo}: ${code}: ${detail}`);
  const closed: OrderEvent = { type: 'OrderClosed', version: 1, data: { reason: code, detail } };
  const ended = { ...meta, commandId: `${orderNo}/limited` };
  const [written] = await store.append([appendOf(stream, -1, [...decided.value, closed], ended)]);
  return written?.ok === true && !written.repeated ? written.position : 0;
};

/** An end keeps nothing of a refusal but its detail, so that names the passenger. */
const detailOf = (detail: string, passenger: unknown): string =>
  passenger === undefined ? detail : `passenger ${passenger}: ${detail}`;

type LimitCode = Extract<CloseReason, 'LIMIT_TRAIN' | 'LIMIT_DOCUMENT' | 'JOURNEY_OVERLAPS'>;
const isLimit = (code: string): code is LimitCode =>
  code === 'LIMIT_TRAIN' || code === 'LIMIT_DOCUMENT' || code === 'JOURNEY_OVERLAPS';
