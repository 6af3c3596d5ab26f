// What stands on the receipts of an order: the journeys that were paid for, and the fees that stayed with the railway.
import { foldOrder } from '@railhead/commands/orders/load-order.ts';
import { type Clock, timestampOf } from '@railhead/commands/ports/clock.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { boardingMs } from '@railhead/commands/runs/sale-window.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { fenShape, instantShape, orderItemShape, orderNoShape, orderShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { type OrderReads, ownOrder } from './own-order.ts';

const { train, date, from, to, currency } = orderShape.shape;
const journey = { train, date, from, to, departsAt: instantShape.optional() };
const { itemNo, passenger, seatClass, coach, seat, changes, fareFen, ticketStatus } = orderItemShape.shape;

const receiptsShape = z
  .object({
    orderNo: z.string(),
    currency,
    tickets: z
      .array(
        z.object({
          ticketNo: z.string(),
          itemNo,
          ticketStatus,
          ...journey,
          seatClass,
          coach,
          seat,
          changes,
          passenger,
          fareFen,
          issuedAt: instantShape,
        }),
      )
      .meta({ description: 'Tickets that are valid or used; none of an order that has ended, whose fares went back.' }),
    fees: z
      .array(
        z.object({ no: z.string(), kind: z.enum(['REFUND', 'CHANGE']), items: z.array(z.int()), feeFen: fenShape }),
      )
      .meta({ description: 'Fees of refunds, and of changes that were made.' }),
  })
  .meta({ id: 'Receipts' });

export type ReceiptReads = OrderReads & { readonly runs: RunDirectory; readonly clock: Clock };

export const showReceiptsRoute = (reads: ReceiptReads): Route =>
  route({
    method: 'get',
    path: '/v1/orders/{orderNo}/receipts',
    operationId: 'showReceipts',
    summary: 'What stands on the receipts of an order',
    tag: 'orders',
    access: 'user',
    params: z.object({ orderNo: orderNoShape }),
    responses: { 200: { description: 'Tickets with their fares, and fees.', schema: receiptsShape } },
    problems: ['ORDER_NOT_FOUND', 'MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ params: { orderNo }, caller, request }) => {
      const { store, runs, clock } = reads;
      const view = await ownOrder(reads, orderNo, { caller, request });
      const events = await store.readStream(orderCategory.stream(orderNo));
      const { order } = foldOrder(events);
      const run = await runs.find(view.train, view.date);
      const departsMs =
        run === undefined || order.request === undefined ? Number.NaN : boardingMs(run, order.request.from);
      const issuedAt = events.find(({ type }) => type === 'OrderTicketed')?.meta.at ?? '';
      const { train, date, from, to, currency, refunds, changes } = view;
      const departs = Number.isNaN(departsMs) ? {} : { departsAt: timestampOf(clock, departsMs) };
      const tickets = view.items.flatMap(({ ticketNo, ...item }) =>
        view.status !== 'CLOSED' &&
        ticketNo !== undefined &&
        (item.ticketStatus === 'ISSUED' || item.ticketStatus === 'USED')
          ? [{ ...item, ticketNo, train, date, from, to, ...departs, issuedAt }]
          : [],
      );
      const fees = [
        ...refunds.map(({ refundNo: no, items, feeFen }) => ({ no, kind: 'REFUND' as const, items, feeFen })),
        ...changes
          .filter(({ status }) => status === 'SUCCESS')
          .map(({ changeNo: no, items, feeFen }) => ({ no, kind: 'CHANGE' as const, items, feeFen })),
      ].filter(({ feeFen }) => feeFen > 0);
      return { status: 200, body: { orderNo, currency, tickets, fees } };
    },
  });
