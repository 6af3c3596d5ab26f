// Finds an order for those who may see it: its owner and operators.
import type { IncomingMessage } from 'node:http';
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { Problem } from '@railhead/http/problem.ts';
import { type Caller, isOperator } from '@railhead/http/route.ts';
import type { OrdersQueries } from '@railhead/projections/orders/orders-queries.ts';
import { askModel, type ReadModels } from '../read-models.ts';

export type OrderReads = { readonly models: Pick<ReadModels, 'orders'>; readonly store: EventStore };

/** How long to wait for an order that the model does not have yet, ms. */
const PATIENCE_MS = 1_000;

/** At the position that the request names. Another user's order is as absent as one that never was, and is looked for as long. */
export const ownOrder = async (
  { models: { orders }, store }: OrderReads,
  orderNo: string,
  { caller, request }: { readonly caller: Caller; readonly request: IncomingMessage },
): Promise<OrderView> => {
  const find = async (queries: OrdersQueries): Promise<OrderView | undefined> => {
    const order = await queries.byNumber(orderNo);
    return order !== undefined && (order.userId === caller.userId || isOperator(caller)) ? order : undefined;
  };
  const model = orders.ofOrder(orderNo);
  let order = await askModel(request, model, find);
  if (order === undefined) {
    // It may be so new that the model lacks it, and the client may not have sent a position. Wait up to the log's end.
    await model.gate.waitFor(await store.lastPosition(), PATIENCE_MS);
    order = await find(model.queries);
  }
  if (order === undefined) throw new Problem('ORDER_NOT_FOUND', `no order ${orderNo}`);
  return order;
};

/** The order without its owner, who is the caller. */
export const shown = ({ userId: _, changedLate: __, changedAfterDeparture: ___, ...order }: OrderView) => order;
