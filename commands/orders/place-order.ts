// Places an order: checks what can be checked without seats, and makes the request durable. The order process goes on.
import { hash } from 'node:crypto';
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { decide } from '@railhead/domain/order/decide.ts';
import type { OrderRequest, Passenger } from '@railhead/domain/order/events.ts';
import { absentOrder } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import type { Reservations } from '../limits/reservations.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, Position, RecordedEvent } from '../ports/event-store.ts';
import type { EntryRefusal, PlaceToUse, QueueGate } from '../queue/queue-gate.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import type { SaleWindow } from '../runs/sale-window.ts';
import { appendOf, metaOf } from '../streams/append.ts';
import { loadOrder } from './load-order.ts';
import { type OrderNumbering, orderNoOf, plainOrderNoOf } from './order-number.ts';
import { type RoomDeps, takeRoom } from './room.ts';
import { type JourneyRefusal, offeredJourney } from './wanted-journey.ts';

export type PlaceOrder = {
  readonly userId: string;
  readonly idempotencyKey: string;
  readonly correlationId: string;
  readonly train: string;
  readonly date: string;
  /** Station codes. */
  readonly from: string;
  readonly to: string;
  readonly seatClass: SeatClass;
  readonly passengers: readonly Passenger[];
  readonly acceptStanding: boolean;
  readonly acceptSeatChange: boolean;
  /** Lets the order in where the run has a queue. */
  readonly queueToken?: string | undefined;
};

export type PlacedOrder = {
  readonly orderNo: string;
  /** 0 if the order existed before. */
  readonly position: Position;
  readonly repeated: boolean;
  /** The first event of the order's stream, where it was written just now. */
  readonly requested?: RecordedEvent;
};

export type PlaceOrderRefusal =
  | JourneyRefusal
  | 'PASSENGER_COUNT'
  | 'PASSENGER_TWICE'
  | 'QUEUE_FULL'
  | 'TOO_MANY_UNPAID'
  | 'LIMIT_TRAIN'
  | 'LIMIT_DOCUMENT'
  | 'JOURNEY_OVERLAPS'
  | 'CANCELLED_TOO_OFTEN'
  | EntryRefusal
  | 'CONTENDED'
  | 'IDEMPOTENCY_KEY_REUSED';

export type PlaceOrderDeps = RoomDeps & {
  readonly store: EventStore;
  readonly runs: RunDirectory;
  readonly clock: Clock;
  readonly saleWindow: SaleWindow;
  readonly numbering: OrderNumbering;
  /** A key names one order for so many days. */
  readonly idempotencyDays: number;
  readonly reservations: Pick<Reservations, 'place'>;
  /** Absent: no run has a queue. */
  readonly gate?: Pick<QueueGate, 'isOpen' | 'enter'>;
};

const DAY_MS = 86_400_000;

/** The most orders of one key; used again every week, a key lasts nineteen years. */
const MAX_ROUNDS = 1_000;

type Placing = Result<PlacedOrder, PlaceOrderRefusal>;

export const placeOrder = async (deps: PlaceOrderDeps, command: PlaceOrder): Promise<Placing> => {
  const requestHash = hashOf(command);
  const plain = await plainPlaceOf(deps, command, requestHash);
  if (plain !== undefined) return plain;
  const request = await checkedRequest(deps, command);
  // A repeat gets the earlier answer even if the train has left meanwhile, so look for it before refusing.
  if (!request.ok) return repeatOr(request, await placeOf(deps, command, requestHash));
  const entered = deps.gate === undefined || deps.gate.isOpen(command) ? NO_QUEUE : await deps.gate.enter(command);
  if (!entered.ok) return repeatOr(entered, await placeOf(deps, command, requestHash));
  const checked = entered.value === undefined ? request.value : { ...request.value, queuePlace: entered.value };
  // Nearly every key is new, so try to write first; the append finds out if the key was used.
  const { userId, idempotencyKey } = command;
  const first = await tryPlace(deps, command, checked, {
    orderNo: orderNoOf(deps.numbering.secret, userId, idempotencyKey, 0),
    requestHash,
  });
  if (first !== 'taken') return first;
  const place = await placeOf(deps, command, requestHash);
  if (!place.ok || place.value.repeated) return place;
  const next = await tryPlace(deps, command, checked, { orderNo: place.value.orderNo, requestHash });
  // Two equal requests arrived at once, and the other one wrote the order.
  return next === 'taken' ? placeOf(deps, command, requestHash) : next;
};

const repeatOr = (refused: Placing, place: Placing): Placing => (!place.ok || place.value.repeated ? place : refused);

/** Writes the request as the first event of its stream; 'taken' if the stream exists. */
const tryPlace = async (
  deps: PlaceOrderDeps,
  command: PlaceOrder,
  { request, run, ...entered }: Checked,
  { orderNo, requestHash }: { readonly orderNo: string; readonly requestHash: string },
): Promise<Placing | 'taken'> => {
  const commandId = `${orderNo}/request`;
  const decision = decide(absentOrder, { id: commandId, type: 'Request', orderNo, requestHash, request });
  if (!decision.ok) {
    const { code, detail } = decision.refusal;
    // A new order can be refused for nothing else: all the rest was checked before.
    if (code !== 'PASSENGER_COUNT' && code !== 'PASSENGER_TWICE') throw new Error(`${code}: ${detail}`);
    return repeatOr(refuse(code, detail), await placeOf(deps, command, requestHash));
  }
  const room = takeRoom(deps, { ...command, orderNo });
  // A repeat needs none: its order has it, or has left the queue.
  if (!room.ok) return repeatOr(room, await placeOf(deps, command, requestHash));
  const { userId, correlationId } = command;
  const meta = metaOf(deps.clock, { commandId, actor: userId, correlationId });
  const append = appendOf(orderCategory.stream(orderNo), -1, decision.value, meta);
  let written = false;
  try {
    const placed = await deps.reservations.place({ orderNo, requestHash, request, run, append, meta, ...entered });
    if (placed === 'taken') return placed;
    if (!placed.ok) return repeatOr(placed, await placeOf(deps, command, requestHash));
    written = true;
    const { position } = placed.value;
    const [event] = append.events;
    const requested =
      event === undefined ? {} : { requested: { ...event, stream: append.stream, revision: 0, position } };
    return accept({ orderNo, position, repeated: false, ...requested });
  } finally {
    // If it was written after all, the order process counts it when it reads it.
    if (!written) deps.unpaid.counted.giveBack(orderNo);
  }
};

/** The order that this request made before numbers were keyed; undefined where there is none. */
const plainPlaceOf = async (
  deps: PlaceOrderDeps,
  command: PlaceOrder,
  requestHash: string,
): Promise<Placing | undefined> => {
  const { numbering, clock, idempotencyDays } = deps;
  const { keyedSinceMs = Number.NEGATIVE_INFINITY } = numbering;
  if (clock.now() - keyedSinceMs > idempotencyDays * DAY_MS) return undefined;
  const place = await placeOf(deps, command, requestHash, plainOrderNoOf);
  return place.ok && !place.value.repeated ? undefined : place;
};

/** Where this request's order stands or will stand: an order of the key that is young enough, else a new number. */
const placeOf = async (
  { store, clock, idempotencyDays, numbering }: PlaceOrderDeps,
  { userId, idempotencyKey }: PlaceOrder,
  requestHash: string,
  numberOf = (user: string, key: string, round: number) => orderNoOf(numbering.secret, user, key, round),
): Promise<Result<PlacedOrder, 'IDEMPOTENCY_KEY_REUSED'>> => {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const orderNo = numberOf(userId, idempotencyKey, round);
    const { order } = await loadOrder(store, orderNo);
    if (order.status === 'ABSENT') return accept({ orderNo, position: 0, repeated: false });
    if (clock.now() - Date.parse(order.requestedAt) > idempotencyDays * DAY_MS) continue;
    return order.requestHash === requestHash
      ? accept({ orderNo, position: 0, repeated: true })
      : refuse('IDEMPOTENCY_KEY_REUSED', 'this idempotency key belongs to another request');
  }
  return refuse('IDEMPOTENCY_KEY_REUSED', 'this idempotency key has been used too often');
};

type Checked = { readonly request: OrderRequest; readonly run: OpenedRun; readonly queuePlace?: PlaceToUse };

const NO_QUEUE = accept(undefined);

const checkedRequest = async (
  deps: PlaceOrderDeps,
  command: PlaceOrder,
): Promise<Result<Checked, PlaceOrderRefusal>> => {
  const { train, date, seatClass, passengers, userId, acceptStanding, acceptSeatChange } = command;
  const offered = await offeredJourney(deps, command);
  if (!offered.ok) return offered;
  const { run, stops, faresFen } = offered.value;
  const journey = { train, date, ...stops, seatClass };
  const terms = { faresFen, currency: 'CNY' as const, acceptStanding, acceptSeatChange };
  return accept({ request: { userId, ...journey, passengers, ...terms }, run });
};

/** A hash of everything the client asked for, and of nothing else. */
const hashOf = ({ correlationId: _, idempotencyKey: __, queueToken: ___, ...asked }: PlaceOrder): string =>
  hash(
    'sha256',
    JSON.stringify([
      asked.userId,
      asked.train,
      asked.date,
      asked.from,
      asked.to,
      asked.seatClass,
      asked.passengers.map(({ name, idType, idNo, kind, wants }) => [name, idType, idNo, kind, wants]),
      asked.acceptStanding,
      asked.acceptSeatChange,
    ]),
    'base64url',
  );
