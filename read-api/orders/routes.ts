import type { Route } from '@railhead/http/route.ts';
import { listOrdersRoute } from './list-orders.ts';
import type { OrderReads } from './own-order.ts';
import { showOrderRoute } from './show-order.ts';

export const orderQuestions = (reads: OrderReads): readonly Route[] => [showOrderRoute(reads), listOrdersRoute(reads)];
