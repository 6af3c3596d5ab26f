// Orders that wait for their payment, for whoever reminds their buyers.
import type { Route } from '@railhead/http/route.ts';
import { fenShape, instantShape, journeyFields, seatClassShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { limitShape } from '../limit-shape.ts';
import { cursorInQuery, timeCursorIn } from '../page-cursor.ts';
import { instantInQuery } from '../query-shapes.ts';
import { type SalesReads, salesList } from './sales-list.ts';

const MAX_ORDERS = 500;

const unpaidShape = z
  .object({
    ...journeyFields,
    seatClass: seatClassShape,
    seats: z.int(),
    amountFen: fenShape,
    currency: z.string(),
    requestedAt: instantShape,
    payBefore: instantShape,
  })
  .meta({ id: 'UnpaidOrder' });

export const listUnpaidOrdersRoute = (reads: SalesReads): Route =>
  salesList(reads, {
    path: '/v1/admin/unpaid-orders',
    operationId: 'listUnpaidOrders',
    summary: 'Orders that wait for their payment, the soonest end of their time first',
    query: z.strictObject({
      until: instantInQuery.meta({ description: 'Those whose time to pay ends by then, RFC 3339 with a zone.' }),
      cursor: cursorInQuery,
      limit: limitShape(MAX_ORDERS, 100),
    }),
    rows: 'orders',
    shape: unpaidShape,
    find: (sales, { until, cursor, limit }) => sales.unpaid({ untilMs: until, cursor: timeCursorIn(cursor), limit }),
  });
