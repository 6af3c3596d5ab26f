// Tickets are changed: first a new order gets its seats and what is due, then its tickets take the place of the old ones.
// The request stands in the old order, and binds its tickets until the change has come to its end.
import { hash } from 'node:crypto';
import { accept, type Decision, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import { decide } from '@railhead/domain/order/decide.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { changeAsked, type Order, type OrderChange } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { isChangedLate } from '@railhead/domain/refund/fees.ts';
import type { Reservations } from '../limits/reservations.ts';
import { timestampOf } from '../ports/clock.ts';
import type { Position } from '../ports/event-store.ts';
import type { EntryRefusal, QueueGate } from '../queue/queue-gate.ts';
import { type PlaceUse, returnPlace, usePlace } from '../queue/use-place.ts';
import { metaOf, type Origin } from '../streams/append.ts';
import { transact } from '../streams/transact.ts';
import {
  type AskForChange,
  type ChangeQuoteDeps,
  type ChangeQuoteRefusal,
  changeOf,
  changeQuote,
  type PossibleChange,
} from './change-quote.ts';
import { loadOrder } from './load-order.ts';
import { type OrderNumbering, orderNoOf } from './order-number.ts';
import { placeNewOrder } from './place-changed.ts';
import { type RoomDeps, takeRoom } from './room.ts';

export type ChangeDeps = ChangeQuoteDeps &
  RoomDeps & {
    readonly numbering: OrderNumbering;
    readonly reservations: Pick<Reservations, 'place'>;
    /** Absent: no run has a queue. */
    readonly gate?: Pick<QueueGate, 'isOpen' | 'enter'>;
  };

/** `quotedPayFen`, `quotedRefundFen`: what the caller was told; with other sums nothing is done. */
export type ChangeTickets = AskForChange & {
  readonly quotedPayFen?: Fen;
  readonly quotedRefundFen?: Fen;
  readonly idempotencyKey: string;
  readonly correlationId: string;
  /** Lets the change in where the other run has a queue. */
  readonly queueToken?: string | undefined;
};

export type ChangeRefusal =
  | ChangeQuoteRefusal
  | 'QUOTE_EXPIRED'
  | 'IDEMPOTENCY_KEY_REUSED'
  | EntryRefusal
  | 'QUEUE_FULL'
  | 'TOO_MANY_UNPAID'
  | 'CONTENDED';

/** `position`: of the new order's request; 0 if it was placed before. */
export type AskedChange = { readonly change: OrderChange; readonly position: Position };

/** Attempts while other tickets of the order are given back or changed. */
const MAX_ATTEMPTS = 5;

export const changeTickets = async (
  deps: ChangeDeps,
  command: ChangeTickets,
): Promise<Result<AskedChange, ChangeRefusal>> => {
  for (let attempt = 1; ; attempt += 1) {
    const asked = await tryChange(deps, command);
    if (asked.ok || asked.refusal.code !== 'CONTENDED' || attempt >= MAX_ATTEMPTS) return asked;
  }
};

const tryChange = async (deps: ChangeDeps, command: ChangeTickets): Promise<Result<AskedChange, ChangeRefusal>> => {
  const { orderNo, userId, idempotencyKey, correlationId } = command;
  const { order: known } = await loadOrder(deps.store, orderNo);
  if (known.request?.userId !== userId) return refuse('ORDER_NOT_FOUND', `no order ${orderNo}`);
  const asked = { id: `${orderNo}/change/${idempotencyKey}`, requestHash: hashOf(command) };
  const repeated = repeatOf(known, asked);
  if (repeated !== undefined) return repeated.ok ? placed(deps, repeated.value) : repeated;
  const possible = await changeOf(deps, known, command);
  if (!possible.ok) return possible;
  // No key that a client sends has a space in it, so no order of a client's own has this number.
  const newOrderNo = orderNoOf(deps.numbering.secret, userId, `change ${orderNo} ${idempotencyKey}`, 0);
  const origin = { commandId: asked.id, actor: userId, correlationId };
  const entered = await enterQueue(deps, command, { ...asked, newOrderNo }, origin);
  if (!entered.ok) return entered;
  // Only of a change that is known to be refused: one that may have been written keeps its place.
  const refused = async <Refused>(refusal: Refused): Promise<Refused> => {
    if (entered.value !== undefined) await returnPlace(deps.store, entered.value);
    return refusal;
  };
  const room = takeRoom(deps, { ...possible.value.request, orderNo: newOrderNo });
  if (!room.ok) return refused(room);
  let change: OrderChange | undefined;
  try {
    const done = await transact(deps, orderCategory, orderNo, origin, (order): Decision<OrderEvent, ChangeRefusal> => {
      const again = repeatOf(order, asked);
      if (again !== undefined) {
        change = again.ok ? again.value : undefined;
        return again.ok ? accept([]) : again;
      }
      const decided = decideChange(deps, order, command, possible.value, { ...asked, newOrderNo });
      if (!decided.ok) return decided;
      const [event] = decided.value;
      change = event?.type === 'OrderChangeRequested' ? changeAsked(event.data, asked.id) : undefined;
      return decided;
    });
    if (!done.ok) return await refused(done);
  } finally {
    if (change === undefined) deps.unpaid.counted.giveBack(newOrderNo);
  }
  if (change === undefined) throw new Error(`no change was decided for ${orderNo}`);
  return placed(deps, change);
};

/** Undefined: the run that the tickets go to has no queue. */
const enterQueue = async (
  { gate, store, clock }: ChangeDeps,
  { train, date, userId, queueToken }: ChangeTickets,
  { newOrderNo: orderNo, requestHash }: Asked & { readonly newOrderNo: string },
  origin: Origin,
): Promise<Result<PlaceUse | undefined, EntryRefusal | 'IDEMPOTENCY_KEY_REUSED' | 'CONTENDED'>> => {
  if (gate === undefined || gate.isOpen({ train, date })) return accept(undefined);
  const entered = await gate.enter({ train, date, userId, queueToken });
  if (!entered.ok || entered.value === undefined) return entered.ok ? accept(undefined) : entered;
  const use = { place: entered.value, orderNo, requestHash, meta: metaOf(clock, origin) };
  const used = await usePlace(store, use);
  return used.ok ? accept(use) : used;
};

const placed = async (deps: ChangeDeps, change: OrderChange): Promise<Result<AskedChange, never>> => {
  // The order process places it too, if this does not come so far.
  const position = change.status === 'PENDING' ? await placeNewOrder(deps, change) : 0;
  return accept({ change, position });
};

type Asked = { readonly id: string; readonly requestHash: string };

const repeatOf = (
  order: Order,
  { id, requestHash }: Asked,
): Result<OrderChange, 'IDEMPOTENCY_KEY_REUSED'> | undefined => {
  const change = order.changes.find(({ commandId }) => commandId === id);
  if (change === undefined) return undefined;
  return change.requestHash === requestHash
    ? accept(change)
    : refuse('IDEMPOTENCY_KEY_REUSED', 'this idempotency key belongs to another request');
};

const decideChange = (
  deps: ChangeDeps,
  order: Order,
  command: ChangeTickets,
  possible: PossibleChange,
  { id, requestHash, newOrderNo }: Asked & { readonly newOrderNo: string },
): Decision<OrderEvent, ChangeRefusal> => {
  const { clock, changes } = deps;
  const nowMs = clock.now();
  const quoted = changeQuote(deps, order, command, possible, nowMs);
  if (!quoted.ok) return quoted;
  const { items, feeFen, payFen, refundFen, carriedFen } = quoted.value;
  const { quotedPayFen = payFen, quotedRefundFen = refundFen, orderNo } = command;
  if (quotedPayFen !== payFen || quotedRefundFen !== refundFen)
    return refuse('QUOTE_EXPIRED', `${payFen} fen are to be paid and ${refundFen} come back now`, {
      payFen,
      refundFen,
      feeFen,
    });
  const changeNo = `${orderNo}C${order.changes.length + 1}`;
  const change = {
    changeNo,
    orderNo,
    paymentNo: order.paymentNo ?? '',
    payFen,
    feeFen,
    carriedFen,
    changedLate: isChangedLate(changes.refunds, possible.departsMs - nowMs),
    ...(possible.departsMs <= nowMs ? { changedAfterDeparture: true as const } : {}),
  };
  const decided = decide(order, {
    type: 'RequestChange',
    id,
    changeNo,
    newOrderNo,
    requestHash,
    request: { ...possible.request, change },
    items,
    feeFen,
    refundFen,
    isOtherDestination: possible.isOtherDestination,
    table: changes.version,
    quotedAt: timestampOf(clock, nowMs),
  });
  return decided.ok ? decided : refuse('NOT_CHANGEABLE', decided.refusal.detail, decided.refusal.extra);
};

/** A hash of everything the client asked for, and of nothing else. */
const hashOf = ({ userId, itemNos, train, date, from, to, seatClass, wants, ...quoted }: ChangeTickets): string =>
  hash(
    'sha256',
    JSON.stringify([
      userId,
      itemNos ?? null,
      train,
      date,
      from,
      to,
      seatClass,
      wants ?? null,
      quoted.quotedPayFen ?? null,
      quoted.quotedRefundFen ?? null,
    ]),
    'base64url',
  );
