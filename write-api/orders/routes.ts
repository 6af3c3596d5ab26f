import type { Route } from '@railhead/http/route.ts';
import { cancelOrderRoute } from './cancel-order.ts';
import { type PlaceOrderRouteDeps, placeOrderRoute } from './place-order.ts';

export const orderCommands = (deps: PlaceOrderRouteDeps): readonly Route[] => [
  placeOrderRoute(deps),
  cancelOrderRoute(deps),
];
