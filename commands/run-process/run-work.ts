// The two ways in which a whole run changes its orders: all closed when it is cancelled, all seated when seats are
// given out. Both may be repeated after a crash at any point.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { OrderCommand } from '@railhead/domain/order/decide.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import type { CloseReason } from '@railhead/domain/seat-lock/events.ts';
import type { SeatClass } from '@railhead/domain/train-run/composition.ts';
import type { AllocatorPool } from '../allocation/allocator-pool.ts';
import { classesOf, heldLocks, readBook } from '../inventory/lock-books.ts';
import { itemsOf } from '../order-process/order-items.ts';
import { orderAppend } from '../order-process/order-writer.ts';
import { loadOrder } from '../orders/load-order.ts';
import { type Clock, timestamp } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { OpenRun, RunDirectory } from '../runs/run-directory.ts';

export type RunWorkDeps = {
  readonly store: EventStore;
  readonly pool: AllocatorPool;
  readonly runs: RunDirectory;
  readonly clock: Clock;
  readonly utcOffsetMinutes: number;
};

type WithoutId<Command> = Command extends unknown ? Omit<Command, 'id'> : never;
type Change = WithoutId<OrderCommand>;

/** Orders changed at once. */
const AT_ONCE = 100;
/** An order that keeps moving while it is being changed is tried so often, then again with the whole run. */
const MAX_ATTEMPTS = 10;

/** Closes the books, then every order that has a lock in them. Returns how many there were. */
export const closeOrdersOfCancelled = async (deps: RunWorkDeps, run: OpenRun, reason: string): Promise<number> => {
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

/** Ends the sale of the classes sold by count, gives out their seats, and tells every order its own. */
export const seatOrders = async (deps: RunWorkDeps, run: OpenRun): Promise<number> => {
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
  { train, date }: OpenRun,
  seatClass: SeatClass,
  reason: CloseReason,
): Promise<void> => {
  const meta = metaOf(deps, `${train}_${date}`, `close-${train}_${date}_${seatClass}`);
  const outcome = await deps.pool.submit({ train, date, seatClass }, { kind: 'close', orderNo: '', reason, meta });
  // A class whose log contradicts itself has no allocator; its orders are found in the book all the same.
  if (!outcome.ok && outcome.refusal.code !== 'SALE_STOPPED')
    throw new Error(`${outcome.refusal.code}: ${outcome.refusal.detail}`);
};

const inGroups = async <Item>(items: readonly Item[], work: (item: Item) => Promise<Result<null>>): Promise<void> => {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const results = await Promise.all(items.slice(start, start + AT_ONCE).map(work));
    for (const result of results) if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.detail}`);
  }
};

/** Writes what `change` asks of the order as it is; nothing, if it asks for nothing. */
const changeOrder = async (
  deps: RunWorkDeps,
  orderNo: string,
  step: string,
  change: (order: Order) => Change | undefined,
): Promise<Result<null>> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const tracked = await loadOrder(deps.store, orderNo);
    const command = change(tracked.order);
    if (command === undefined) return accept(null);
    const append = orderAppend(tracked, [command], metaOf(deps, orderNo, `${orderNo}/${step}`));
    // Refused or handled before: an order still queued, say, gets its seats in a moment.
    if (append === undefined)
      return tracked.order.status === 'QUEUED'
        ? refuse('ORDER_QUEUED', `order ${orderNo} has a lock and waits`)
        : accept(null);
    const [result] = await deps.store.append([append]);
    if (result?.ok === true) return accept(null);
  }
  return refuse('CONTENDED', `order ${orderNo} keeps moving`);
};

const metaOf = ({ clock, utcOffsetMinutes }: RunWorkDeps, correlationId: string, commandId: string): EventMeta => ({
  commandId,
  correlationId,
  causationId: correlationId,
  actor: 'railhead',
  at: timestamp(clock.now(), utcOffsetMinutes),
});
