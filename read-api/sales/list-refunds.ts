// Money that goes back, of all orders, for those who run the railway.
import type { Route } from '@railhead/http/route.ts';
import { fenShape, instantShape } from '@railhead/http/shapes.ts';
import { REFUND_KINDS } from '@railhead/projections/sales/sales-rows.ts';
import { z } from 'zod';
import { limitShape } from '../limit-shape.ts';
import { cursorInQuery, timeCursorIn } from '../page-cursor.ts';
import { instantInQuery, numberInQuery, userInQuery } from '../query-shapes.ts';
import { type SalesReads, salesList } from './sales-list.ts';

const MAX_REFUNDS = 100;
const STATUSES = ['REQUESTED', 'DONE'] as const;

const refundShape = z
  .object({
    refundNo: z.string().meta({ description: 'As the gateway knows it.' }),
    kind: z.enum(REFUND_KINDS),
    orderNo: z.string(),
    paymentNo: z.string(),
    userId: z.string(),
    items: z.array(z.int()).optional().meta({ description: 'Whose tickets were given back or changed.' }),
    feeFen: fenShape.optional(),
    amountFen: fenShape,
    currency: z.string(),
    status: z.enum(STATUSES),
    reason: z.string(),
    gatewayRef: z.string().optional(),
    requestedAt: instantShape,
    doneAt: instantShape.optional(),
  })
  .meta({ id: 'ListedRefund' });

export const listRefundsRoute = (reads: SalesReads): Route =>
  salesList(reads, {
    path: '/v1/admin/refunds',
    operationId: 'listRefunds',
    summary: 'Money that goes back, newest first',
    query: z.strictObject({
      refundNo: numberInQuery,
      paymentNo: numberInQuery,
      orderNo: numberInQuery.meta({ description: 'The order of the payment.' }),
      userId: userInQuery,
      status: z.enum(STATUSES).optional(),
      from: instantInQuery.meta({ description: 'Asked for then or later, RFC 3339 with a zone.' }),
      to: instantInQuery,
      cursor: cursorInQuery,
      limit: limitShape(MAX_REFUNDS, 20),
    }),
    rows: 'refunds',
    shape: refundShape,
    find: (sales, { from, to, cursor, ...filter }) =>
      sales.refunds({ ...filter, fromMs: from, toMs: to, cursor: timeCursorIn(cursor) }),
  });
