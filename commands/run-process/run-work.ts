// Changes all orders of a run: closes them when the run is cancelled, or gives them their seats by late assignment.
// Both may be repeated after a crash at any point.
import { type Decision, type Result, refuse, unchanged } from '@railhead/domain/kernel/decision.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { decide, type OrderCommand } from '@railhead/domain/order/decide.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { BookCloseReason } from '@railhead/domain/seat-lock/events.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { className, runName } from '@railhead/domain/train-run/stream.ts';
import type { Allocators } from '../allocation/operation.ts';
import { classesOf, heldLocks, readBook } from '../inventory/lock-books.ts';
import { itemsOf } from '../order-process/order-items.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import { metaOf, ownOrigin } from '../streams/append.ts';
import { type Transacted, transact } from '../streams/transact.ts';

export type RunWorkDeps = {
  readonly store: EventStore;
  readonly pool: Allocators;
  readonly runs: RunDirectory;
  readonly clock: Clock;
};

type WithoutId<Command> = Command extends unknown ? Omit<Command, 'id'> : never;
type Change = WithoutId<OrderCommand>;

/** Orders that are changed at the same time. */
const AT_ONCE = 100;

/** Closes each book of the run, and every order with a lock in it. Returns the number of those locks. */
export const closeOrdersOfCancelled = async (deps: RunWorkDeps, run: OpenedRun, reason: string): Promise<number> => {
  let orders = 0;
  for (const seatClass of classesOf(run)) {
    await closeBook(deps, run, seatClass, 'RUN_CANCELLED');
    const locks = heldLocks(await readBook(deps.store, run, seatClass));
    orders += locks.length;
    await inGroups(locks, ({ plan }) =>
      changeOrder(deps, plan.orderNo, 'cancelRun', ({ status }) =>
        status === 'CLOSED' ? undefined : { type: 'Close', reason: 'RUN_CANCELLED', detail: reason },
      ),
    );
  }
  return orders;
};

/** Ends the sale of the classes with late assignment, assigns their seats, and writes them to every order. */
export const seatOrders = async (deps: RunWorkDeps, run: OpenedRun): Promise<number> => {
  let orders = 0;
  for (const seatClass of run.lateAssignment ?? []) {
    await closeBook(deps, run, seatClass, 'SEATS_ASSIGNED');
    const seats = deps.runs.seatsOf(run, seatClass);
    const locks = heldLocks(await readBook(deps.store, run, seatClass));
    orders += locks.length;
    await inGroups(locks, ({ plan, assigned }) =>
      changeOrder(deps, plan.orderNo, 'assignedSeats', (order) => {
        if (order.status === 'CLOSED' || order.status === 'FAIL' || assigned === undefined) return undefined;
        const fares = order.items.map(({ fareFen }) => fareFen);
        return { type: 'AssignSeats', items: itemsOf(assigned, fares, { seats, stops: run.stops }) };
      }),
    );
  }
  return orders;
};

const closeBook = async (
  deps: RunWorkDeps,
  { train, date }: OpenedRun,
  seatClass: SeatClass,
  reason: BookCloseReason,
): Promise<void> => {
  const meta = metaOf(
    deps.clock,
    ownOrigin(`close-${className({ train, date, seatClass })}`, runName({ train, date })),
  );
  const outcome = await deps.pool.submit({ train, date, seatClass }, { kind: 'close', orderNo: '', reason, meta });
  // A class whose log contradicts itself has no allocator. Its book stays open; its orders are changed nevertheless.
  if (!outcome.ok && outcome.refusal.code !== 'SALE_STOPPED')
    throw new Error(`${outcome.refusal.code}: ${outcome.refusal.detail}`);
};

const inGroups = async <Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result<Transacted>>,
): Promise<void> => {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const results = await Promise.all(items.slice(start, start + AT_ONCE).map(work));
    for (const result of results) if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.detail}`);
  }
};

/** Writes the change that `change` wants for the order's present state; nothing if it wants none. */
const changeOrder = (
  deps: RunWorkDeps,
  orderNo: string,
  step: string,
  change: (order: Order) => Change | undefined,
): Promise<Result<Transacted>> => {
  const id = `${orderNo}/${step}`;
  return transact(deps, orderCategory, orderNo, ownOrigin(id, orderNo), (order) => {
    const command = change(order);
    if (command === undefined) return unchanged;
    const decision: Decision<OrderEvent> = decide(order, { ...command, id } as OrderCommand);
    if (decision.ok && decision.value.length > 0) return decision;
    // A queued order gets the event about its lock in a moment, and the order of a waitlist request is placed then: try
    // again. In any other state there is nothing to change.
    return order.status === 'QUEUED' || order.status === 'ABSENT'
      ? refuse('ORDER_QUEUED', `order ${orderNo} has a lock and waits`)
      : unchanged;
  });
};
