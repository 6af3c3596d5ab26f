// What giving tickets back brings at this moment.
import { quoteTickets, type RefundDeps } from '@railhead/commands/orders/refund-tickets.ts';
import { timestampOf } from '@railhead/commands/ports/clock.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { fenShape, instantShape, itemNosInQuery, orderNoShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

const quoteShape = z
  .object({
    items: z.array(
      z.object({ itemNo: z.int(), fareFen: fenShape, feeFen: fenShape, refundFen: fenShape, rule: z.string() }),
    ),
    feeFen: fenShape,
    refundFen: fenShape,
    currency: z.string(),
    validUntil: instantShape,
  })
  .meta({ id: 'RefundQuote' });

export const quoteRefundRoute = (deps: RefundDeps): Route =>
  route({
    method: 'get',
    path: '/v1/orders/{orderNo}/refund-quote',
    operationId: 'quoteRefund',
    summary: 'What giving tickets back would bring',
    tag: 'orders',
    access: 'user',
    params: z.object({ orderNo: orderNoShape }),
    query: z.strictObject({ items: itemNosInQuery.optional() }),
    responses: {
      200: {
        description: 'Fee and refund, ticket by ticket; the rule names the row of the table.',
        schema: quoteShape,
      },
    },
    problems: ['ORDER_NOT_FOUND', 'NOT_REFUNDABLE', 'RUN_CANCELLED'],
    handle: async ({ params: { orderNo }, query: { items }, caller }) => {
      const asked = { orderNo, userId: caller.userId, ...(items === undefined ? {} : { itemNos: items }) };
      const quoted = await quoteTickets(deps, asked);
      if (!quoted.ok) return { refused: quoted.refusal };
      const { validUntilMs, ...quote } = quoted.value;
      return { status: 200, body: { ...quote, validUntil: timestampOf(deps.clock, validUntilMs) } };
    },
  });
