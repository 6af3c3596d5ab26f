// An order for whoever may see it: its owner, and operators.
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { Problem } from '@railhead/http/problem.ts';
import { type Caller, isOperator } from '@railhead/http/route.ts';
import type { ReadModels } from '../read-models.ts';

export type OrderReads = { readonly models: Pick<ReadModels, 'orders'>; readonly store: EventStore };

/** How long an order that is missing may still appear, ms. */
const PATIENCE_MS = 1_000;

/** Another user's order is as absent as one that never was. */
export const ownOrder = async (
  { models: { orders }, store }: OrderReads,
  orderNo: string,
  caller: Caller,
): Promise<OrderView> => {
  let order = await orders.queries.byNumber(orderNo);
  if (order === undefined) {
    // It may have been asked for a moment ago, by somebody who names no position. Only what the log lacks does not exist.
    await orders.gate.waitFor(await store.lastPosition(), PATIENCE_MS);
    order = await orders.queries.byNumber(orderNo);
  }
  if (order === undefined || (order.userId !== caller.userId && !isOperator(caller)))
    throw new Problem('ORDER_NOT_FOUND', `no order ${orderNo}`);
  return order;
};

/** The order without its owner, whom the caller knows. */
export const shown = ({ userId: _, ...order }: OrderView) => order;
