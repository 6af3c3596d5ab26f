import type { CancelOrderDeps } from '@railhead/commands/orders/cancel-order.ts';
import type { RefundDeps } from '@railhead/commands/orders/refund-tickets.ts';
import type { Route } from '@railhead/http/route.ts';
import { cancelOrderRoute } from './cancel-order.ts';
import { type ChangeTicketsRouteDeps, changeTicketsRoute } from './change-tickets.ts';
import { type PlaceOrderRouteDeps, placeOrderRoute } from './place-order.ts';
import { refundTicketsRoute } from './refund-tickets.ts';

export type OrderCommandDeps = PlaceOrderRouteDeps & CancelOrderDeps & RefundDeps & ChangeTicketsRouteDeps;

export const orderCommands = (deps: OrderCommandDeps): readonly Route[] => [
  placeOrderRoute(deps),
  cancelOrderRoute(deps),
  refundTicketsRoute(deps),
  changeTicketsRoute(deps),
];
