// Payments of all orders, for those who run the railway.
import { PAYMENT_CHANNELS } from '@railhead/commands/ports/payment-gateway.ts';
import type { Route } from '@railhead/http/route.ts';
import { fenShape, instantShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { limitShape } from '../limit-shape.ts';
import { cursorInQuery, timeCursorIn } from '../page-cursor.ts';
import { instantInQuery, numberInQuery, userInQuery } from '../query-shapes.ts';
import { type SalesReads, salesList } from './sales-list.ts';

const MAX_PAYMENTS_LISTED = 100;
const STATUSES = ['CREATED', 'SUCCEEDED', 'DECLINED', 'CLOSED', 'REFUNDING', 'REFUNDED'] as const;

const paymentShape = z
  .object({
    paymentNo: z.string(),
    orderNo: z.string(),
    userId: z.string(),
    channel: z.string(),
    status: z.enum(STATUSES),
    amountFen: fenShape,
    currency: z.string(),
    askedBackFen: fenShape,
    refundedFen: fenShape,
    gatewayRef: z.string().optional(),
    startedAt: instantShape,
    endedAt: instantShape.optional().meta({ description: 'When it was paid, declined or closed.' }),
  })
  .meta({ id: 'ListedPayment' });

export const listPaymentsRoute = (reads: SalesReads): Route =>
  salesList(reads, {
    path: '/v1/admin/payments',
    operationId: 'listPayments',
    summary: 'Payments, newest first',
    query: z.strictObject({
      paymentNo: numberInQuery,
      orderNo: numberInQuery,
      userId: userInQuery,
      channel: z.enum(PAYMENT_CHANNELS).optional(),
      status: z.enum(STATUSES).optional(),
      from: instantInQuery.meta({ description: 'Started then or later, RFC 3339 with a zone.' }),
      to: instantInQuery,
      cursor: cursorInQuery,
      limit: limitShape(MAX_PAYMENTS_LISTED, 20),
    }),
    rows: 'payments',
    shape: paymentShape,
    find: (sales, { from, to, cursor, ...filter }) =>
      sales.payments({ ...filter, fromMs: from, toMs: to, cursor: timeCursorIn(cursor) }),
  });
