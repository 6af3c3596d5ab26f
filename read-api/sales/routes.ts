import type { Route } from '@railhead/http/route.ts';
import { listPaymentsRoute } from './list-payments.ts';
import { listRefundsRoute } from './list-refunds.ts';
import { listTicketsRoute } from './list-tickets.ts';
import { listUnpaidOrdersRoute } from './list-unpaid-orders.ts';
import type { SalesReads } from './sales-list.ts';

export const salesQuestions = (reads: SalesReads): readonly Route[] => [
  listPaymentsRoute(reads),
  listRefundsRoute(reads),
  listTicketsRoute(reads),
  listUnpaidOrdersRoute(reads),
];
