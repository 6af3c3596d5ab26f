// The orders of a user. No stream has them together: whoever asks says where the numbers of the orders are found; what
// the orders were stands in their own streams.
import type { Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { accept, refuse } from '@railhead/domain/kernel/decision.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { eventsOfOrder } from '../order-search/order-in-log.ts';
import { orderNoOf, viewAfter } from '../orders/view-after.ts';
import { type Leaves, leavesOf } from './leaves.ts';
import type { PastFold, PastKind } from './past-kind.ts';
import type { PastLog } from './past-log.ts';
import { type ShownOrder, shownOrder } from './past-order.ts';

/** `before`: the position of the last order of the page before. */
export type PageOfOrders = { readonly before?: Position | undefined; readonly limit: number };

export interface OrdersOfUser {
  /** Orders that were requested up to a position, newest first. `next`: for the page after this one. */
  newest(
    userId: string,
    upTo: Position,
    page: PageOfOrders,
  ): Promise<{ readonly orderNos: readonly string[]; readonly next?: Position | undefined }>;
  /** The first order that the user ever requested. */
  first(userId: string): Promise<string | undefined>;
}

export type ShownUser = {
  readonly userId: string;
  /** Newest first. */
  readonly orders: readonly ShownOrder[];
  readonly nextCursor?: Position;
};

class UserFold implements PastFold<ShownUser> {
  readonly setAside = new Map<string, string>();
  readonly #userId: string;
  readonly #views = new Map<string, ReturnType<typeof viewAfter>>();
  #next: Position | undefined;

  constructor(userId: string, next: Position | undefined) {
    this.#userId = userId;
    this.#next = next;
  }

  add(event: RecordedEvent): void {
    const orderNo = orderNoOf(event);
    const view = viewAfter(this.#views.get(orderNo), event);
    // What is prepaid comes before there is an order.
    if (view !== undefined) this.#views.set(orderNo, view);
  }

  get shown(): ShownUser | undefined {
    return this.#show([...this.#views.keys()].reverse());
  }

  leaves(event: RecordedEvent): Leaves {
    return leavesOf(this.#show([orderNoOf(event)]));
  }

  #show(orderNos: readonly string[]): ShownUser | undefined {
    if (this.#views.size === 0) return undefined;
    const orders = orderNos.flatMap((orderNo) => {
      const view = this.#views.get(orderNo);
      return view === undefined ? [] : [shownOrder(view)];
    });
    return { userId: this.#userId, orders, ...(this.#next === undefined ? {} : { nextCursor: this.#next }) };
  }
}

export const pastUser = (orders: OrdersOfUser, page: PageOfOrders): PastKind<string, ShownUser, 'USER_NOT_FOUND'> => ({
  read: async (log, userId, upTo) => {
    const { orderNos, next } = await orders.newest(userId, upTo, page);
    const fold = new UserFold(userId, next);
    const events: RecordedEvent[] = [];
    for (const orderNo of orderNos)
      events.push(...(await eventsOfOrder(log, orderNo, upTo, (stream, why) => fold.setAside.set(stream, why))));
    return { events: events.sort((a, b) => a.position - b.position), fold };
  },
  beginning: async (log, userId) => {
    const orderNo = await orders.first(userId);
    const [first] = orderNo === undefined ? [] : await log.readStream(orderCategory.stream(orderNo), { limit: 1 });
    return first === undefined ? refuse('USER_NOT_FOUND', `nobody called ${userId} has an order`) : accept(first);
  },
});

/** Finds the orders of a user by reading the whole log. `read`: told how far it is. */
export const ordersInLog = (log: PastLog, read: (position: Position) => void = () => {}): OrdersOfUser => {
  const find = async (
    userId: string,
    upTo: Position,
    found: (orderNo: string, position: Position) => boolean,
  ): Promise<void> => {
    for (let after = 0; after < upTo; ) {
      const { events, position, caughtUp } = await log.readAll({ after, limit: PAGE });
      for (const event of events) {
        if (event.position > upTo) return;
        if (!orderCategory.owns(event) || event.type !== 'OrderRequested') continue;
        if (event.data.request.userId === userId && !found(event.data.orderNo, event.position)) return;
      }
      if (caughtUp || position <= after) return;
      after = position;
      read(after);
    }
  };
  return {
    newest: async (userId, upTo, { before, limit }) => {
      const all: { readonly orderNo: string; readonly position: Position }[] = [];
      const end = before === undefined ? upTo : Math.min(upTo, before - 1);
      await find(userId, end, (orderNo, position) => {
        all.push({ orderNo, position });
        // One more than the page has, to know that there are more.
        if (all.length > limit + 1) all.shift();
        return true;
      });
      const newest = all.reverse().slice(0, limit);
      const orderNos = newest.map(({ orderNo }) => orderNo);
      return all.length > limit ? { orderNos, next: newest.at(-1)?.position } : { orderNos };
    },
    first: async (userId) => {
      let first: string | undefined;
      await find(userId, Number.POSITIVE_INFINITY, (orderNo) => {
        first = orderNo;
        return false;
      });
      return first;
    },
  };
};

const PAGE = 2_000;
