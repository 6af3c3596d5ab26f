// Orders whose status changes between two moments. Those that began before are read up to the first of the two.
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { OrderStatus } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { readTo } from '../engine/read-to.ts';
import { viewAfter } from '../orders/view-after.ts';
import { type NamedEvent, named } from './changes.ts';
import type { PastLog } from './past-log.ts';

/** `before` is absent for an order that was not there. */
export type ChangedOrder = {
  readonly orderNo: string;
  readonly before?: OrderStatus;
  readonly after: OrderStatus;
  /** Those that changed the status. */
  readonly events: readonly NamedEvent[];
};

export type OrdersDiff = {
  readonly changed: number;
  /** How many orders went from which status to which. */
  readonly transitions: readonly {
    readonly before?: OrderStatus;
    readonly after: OrderStatus;
    readonly orders: number;
  }[];
  /** In the order of their first change. */
  readonly list: readonly ChangedOrder[];
  /** So many more changed. */
  readonly leftOut: number;
};

/** `isWhole`: this version understands its stream so far. */
type Followed = { readonly before: OrderStatus | undefined; view: OrderView | undefined; isWhole: boolean };

export class ChangedOrders {
  readonly #log: PastLog;
  readonly #from: Position;
  readonly #limit: number;
  readonly #followed = new Map<string, Followed>();
  readonly #named = new Map<string, NamedEvent[]>();

  constructor(log: PastLog, from: Position, limit: number) {
    this.#log = log;
    this.#from = from;
    this.#limit = limit;
  }

  async add(event: RecordedEvent): Promise<void> {
    if (!orderCategory.holds(event)) return;
    const orderNo = event.stream.slice(event.stream.indexOf('-') + 1);
    const followed = this.#followed.get(orderNo) ?? (await this.#before(event));
    this.#followed.set(orderNo, followed);
    followed.isWhole &&= orderCategory.owns(event);
    if (!followed.isWhole) return;
    const was = followed.view?.status;
    followed.view = viewAfter(followed.view, event);
    if (followed.view?.status !== was) this.#name(orderNo, event);
  }

  get diff(): OrdersDiff {
    const changed = [...this.#followed].flatMap(([orderNo, { before, view }]) =>
      view === undefined || view.status === before
        ? []
        : [{ orderNo, ...(before === undefined ? {} : { before }), after: view.status }],
    );
    const transitions = Map.groupBy(changed, ({ before, after }) => `${before}>${after}`);
    return {
      changed: changed.length,
      transitions: [...transitions.values()]
        .flatMap(([one, ...others]) => {
          if (one === undefined) return [];
          const { orderNo: _, ...statuses } = one;
          return [{ ...statuses, orders: others.length + 1 }];
        })
        .sort((a, b) => b.orders - a.orders),
      list: changed
        .filter(({ orderNo }) => this.#named.has(orderNo))
        .map((one) => ({ ...one, events: this.#named.get(one.orderNo) ?? [] })),
      leftOut: changed.filter(({ orderNo }) => !this.#named.has(orderNo)).length,
    };
  }

  #name(orderNo: string, event: RecordedEvent): void {
    const events = this.#named.get(orderNo);
    if (events !== undefined) events.push(named(event));
    else if (this.#named.size < this.#limit) this.#named.set(orderNo, [named(event)]);
  }

  async #before({ stream, revision }: RecordedEvent): Promise<Followed> {
    const events = revision === 0 ? [] : await readTo(this.#log, stream, this.#from);
    const strange = events.findIndex((event) => !orderCategory.owns(event));
    const view = events
      .slice(0, strange === -1 ? undefined : strange)
      .reduce<OrderView | undefined>(viewAfter, undefined);
    return { before: view?.status, view, isWhole: strange === -1 };
  }
}
