import type { ChangeQuoteDeps } from '@railhead/commands/orders/change-quote.ts';
import type { RefundDeps } from '@railhead/commands/orders/refund-tickets.ts';
import type { Route } from '@railhead/http/route.ts';
import { listOrdersRoute } from './list-orders.ts';
import type { OrderReads } from './own-order.ts';
import { quoteChangeRoute } from './quote-change.ts';
import { quoteRefundRoute } from './quote-refund.ts';
import { showOrderRoute } from './show-order.ts';
import { showReceiptsRoute } from './show-receipts.ts';

export const orderQuestions = (reads: OrderReads & RefundDeps & ChangeQuoteDeps): readonly Route[] => [
  showOrderRoute(reads),
  quoteRefundRoute(reads),
  quoteChangeRoute(reads),
  showReceiptsRoute(reads),
  listOrdersRoute(reads),
];
