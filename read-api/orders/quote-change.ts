// What a change of tickets costs at this moment.
import { type ChangeQuoteDeps, quoteTicketsChange } from '@railhead/commands/orders/change-quote.ts';
import { timestampOf } from '@railhead/commands/ports/clock.ts';
import { type Route, route } from '@railhead/http/route.ts';
import {
  dateShape,
  fenShape,
  instantShape,
  itemNosInQuery,
  orderNoShape,
  seatClassShape,
  stationCodeShape,
  trainShape,
} from '@railhead/http/shapes.ts';
import { z } from 'zod';

const quoteShape = z
  .object({
    items: z.array(
      z.object({ itemNo: z.int(), fareFen: fenShape, newFareFen: fenShape, feeFen: fenShape, rule: z.string() }),
    ),
    feeFen: fenShape.meta({ description: 'Of the change, and of what is given back of a difference.' }),
    differenceFen: z.int().meta({ description: 'The new fares less the old ones; below 0 they are lower.' }),
    payFen: fenShape.meta({ description: 'What has to be paid: difference and fee, if that is more than nothing.' }),
    refundFen: fenShape.meta({ description: 'What comes back: the difference downwards, less the fee.' }),
    rule: z.string(),
    currency: z.string(),
    validUntil: instantShape,
  })
  .meta({ id: 'ChangeQuote' });

export const quoteChangeRoute = (deps: ChangeQuoteDeps): Route =>
  route({
    method: 'get',
    path: '/v1/orders/{orderNo}/change-quote',
    operationId: 'quoteChange',
    summary: 'What changing tickets would cost',
    tag: 'orders',
    access: 'user',
    params: z.object({ orderNo: orderNoShape }),
    query: z.strictObject({
      items: itemNosInQuery.optional(),
      train: trainShape,
      date: dateShape,
      from: stationCodeShape,
      to: stationCodeShape,
      seatClass: seatClassShape,
    }),
    responses: {
      200: {
        description: 'Fares and fees, ticket by ticket; the rule names the row of the table.',
        schema: quoteShape,
      },
    },
    problems: [
      'ORDER_NOT_FOUND',
      'NOT_CHANGEABLE',
      'TOO_MANY_CHANGES',
      'TRAIN_NOT_FOUND',
      'STATION_NOT_ON_ROUTE',
      'JOURNEY_BACKWARDS',
      'CLASS_NOT_ON_TRAIN',
      'DATE_OUTSIDE_SALE',
      'SALE_CLOSED',
      'SALE_NOT_OPEN',
      'RUN_CANCELLED',
      'CONTENDED',
    ],
    handle: async ({ params: { orderNo }, query: { items, ...wanted }, caller }) => {
      const asked = { orderNo, userId: caller.userId, ...wanted, ...(items === undefined ? {} : { itemNos: items }) };
      const quoted = await quoteTicketsChange(deps, asked);
      if (!quoted.ok) return { refused: quoted.refusal };
      const { validUntilMs, carriedFen: _, ...quote } = quoted.value;
      return { status: 200, body: { ...quote, validUntil: timestampOf(deps.clock, validUntilMs) } };
    },
  });
