// An order as its traveller was shown it.
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { accept, refuse } from '@railhead/domain/kernel/decision.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { eventsOfOrder } from '../order-search/order-in-log.ts';
import { viewAfter } from '../orders/view-after.ts';
import { leavesOf } from './leaves.ts';
import type { PastFold, PastKind } from './past-kind.ts';

/** Without what only decides what may be done with its tickets. */
export type ShownOrder = Omit<OrderView, 'changedLate' | 'changedAfterDeparture'>;

export const shownOrder = ({ changedLate: _, changedAfterDeparture: __, ...order }: OrderView): ShownOrder => order;

class OrderFold implements PastFold<ShownOrder> {
  readonly setAside = new Map<string, string>();
  #view: OrderView | undefined;

  get shown(): ShownOrder | undefined {
    return this.#view === undefined ? undefined : shownOrder(this.#view);
  }

  add(event: RecordedEvent): void {
    this.#view = viewAfter(this.#view, event);
  }

  leaves() {
    return leavesOf(this.shown);
  }
}

export const pastOrder: PastKind<string, ShownOrder, 'ORDER_NOT_FOUND'> = {
  read: async (log, orderNo, upTo) => {
    const fold = new OrderFold();
    const events = await eventsOfOrder(log, orderNo, upTo, (stream, why) => fold.setAside.set(stream, why));
    return { events, fold };
  },
  beginning: async (log, orderNo) => {
    const [first] = await log.readStream(orderCategory.stream(orderNo), { limit: 1 });
    return first === undefined ? refuse('ORDER_NOT_FOUND', `no order ${orderNo}`) : accept(first);
  },
};
