// Changes tickets to another train, date, class or seat. The request is durable at once; the answer waits a moment for the
// seats, and where there is nothing to pay for the exchange itself.
import { type ChangeDeps, changeTickets } from '@railhead/commands/orders/change-tickets.ts';
import { loadOrder } from '@railhead/commands/orders/load-order.ts';
import type { OrderWatch } from '@railhead/commands/orders/order-watch.ts';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { SeatAlternatives } from '@railhead/commands/ports/seat-alternatives.ts';
import type { Order, OrderChange } from '@railhead/domain/order/fold.ts';
import { clientGone } from '@railhead/http/client-gone.ts';
import { headerOf } from '@railhead/http/header.ts';
import { idempotencyKeyOf } from '@railhead/http/idempotency-key.ts';
import { type Reply, type Route, route } from '@railhead/http/route.ts';
import {
  changeStatusShape,
  dateShape,
  fenShape,
  instantShape,
  itemNosShape,
  orderNoShape,
  seatClassShape,
  stationCodeShape,
  trainShape,
  visibleText,
} from '@railhead/http/shapes.ts';
import type { WaitingRequests } from '@railhead/http/waiting-requests.ts';
import { z } from 'zod';

export type ChangeTicketsRouteDeps = ChangeDeps & {
  readonly watch: OrderWatch;
  readonly waiting: WaitingRequests;
  readonly alternatives: SeatAlternatives;
};

/** How long the answer waits for the new seats. */
const WAIT_MS = 5_000;
const MOST_ITEMS = 99;

const answerShape = z
  .object({
    changeNo: z.string(),
    orderNo: z.string().meta({ description: 'The order of the new tickets.' }),
    status: changeStatusShape,
    feeFen: fenShape,
    payFen: fenShape,
    refundFen: fenShape,
    payBefore: instantShape.optional(),
  })
  .meta({ id: 'ChangeAnswer' });

export const changeTicketsRoute = (deps: ChangeTicketsRouteDeps): Route =>
  route({
    method: 'post',
    path: '/v1/orders/{orderNo}/changes',
    operationId: 'changeTickets',
    summary: 'Change tickets to another train, date, class or seat',
    tag: 'orders',
    access: 'user',
    params: z.object({ orderNo: orderNoShape }),
    headers: { 'Queue-Token': 'Of `POST /v1/queue`; needed where the other run has a queue, once admitted.' },
    body: z.strictObject({
      items: itemNosShape
        .optional()
        .meta({ description: 'The items whose tickets change; without it, all that are left.' }),
      train: trainShape,
      date: dateShape,
      from: stationCodeShape,
      to: stationCodeShape,
      seatClass: seatClassShape,
      wants: z
        .array(visibleText(16))
        .max(MOST_ITEMS)
        .optional()
        .meta({ description: 'Wishes for seats, in the order of the items; an empty one leaves the earlier wish.' }),
      quotedPayFen: fenShape.optional().meta({ description: 'What was quoted as due: QUOTE_EXPIRED at another sum.' }),
      quotedRefundFen: fenShape
        .optional()
        .meta({ description: 'What was quoted as coming back: QUOTE_EXPIRED at another sum.' }),
    }),
    responses: {
      201: {
        description:
          'WAIT_PAY: the new seats are held until `payBefore`; pay the new order. SUCCESS: the new tickets are valid.',
        schema: answerShape,
      },
      202: { description: 'The change is durable and waits for its turn.', schema: answerShape },
    },
    problems: [
      'ORDER_NOT_FOUND',
      'NOT_CHANGEABLE',
      'TOO_MANY_CHANGES',
      'QUOTE_EXPIRED',
      'TRAIN_NOT_FOUND',
      'STATION_NOT_ON_ROUTE',
      'JOURNEY_BACKWARDS',
      'CLASS_NOT_ON_TRAIN',
      'DATE_OUTSIDE_SALE',
      'SALE_CLOSED',
      'SALE_NOT_OPEN',
      'RUN_CANCELLED',
      'SOLD_OUT',
      'SALE_STOPPED',
      'LIMIT_TRAIN',
      'LIMIT_DOCUMENT',
      'JOURNEY_OVERLAPS',
      'TICKETING_FAILED',
      'IDEMPOTENCY_KEY_REUSED',
      'QUEUE_FULL',
      'QUEUE_REQUIRED',
      'QUEUE_TOKEN_INVALID',
      'TOO_MANY_UNPAID',
      'CONTENDED',
    ],
    handle: async ({ params: { orderNo }, body, caller, request, response, requestId }) => {
      const { items, wants, quotedPayFen, quotedRefundFen, ...wanted } = body;
      const { userId } = caller;
      const asked = await changeTickets(deps, {
        ...wanted,
        orderNo,
        userId,
        idempotencyKey: idempotencyKeyOf(request),
        correlationId: requestId,
        queueToken: headerOf(request, 'queue-token'),
        ...(items === undefined ? {} : { itemNos: items }),
        ...(wants === undefined ? {} : { wants }),
        ...(quotedPayFen === undefined ? {} : { quotedPayFen }),
        ...(quotedRefundFen === undefined ? {} : { quotedRefundFen }),
      });
      if (!asked.ok) return { refused: asked.refusal };
      const { change, position } = asked.value;
      const slot = deps.waiting.take(userId);
      try {
        const waitMs = typeof slot === 'function' ? WAIT_MS : 0;
        const placed = await decided(deps, change, waitMs, { after: position, gone: clientGone(response) });
        if (placed?.order.status === 'CLOSED') await untied(deps, orderNo, change, waitMs);
        return await reply(deps, change, placed);
      } finally {
        if (typeof slot === 'function') slot();
      }
    },
  });

type Placed = { readonly order: Order; readonly revision: number };

/** The new order once it has its seats, and its tickets where nothing is due; undefined if that takes longer. */
const decided = async (
  { store, watch }: ChangeTicketsRouteDeps,
  { newOrderNo }: OrderChange,
  waitMs: number,
  options: { readonly after: number; readonly gone: AbortSignal },
): Promise<Placed | undefined> => {
  const probe = async (): Promise<Placed | undefined> => {
    const placed = await loadOrder(store, newOrderNo);
    return UNDECIDED.includes(placed.order.status) ? undefined : placed;
  };
  try {
    return waitMs === 0 ? await probe() : await watch.until(newOrderNo, waitMs, probe, options);
  } catch (error) {
    if (error instanceof EventStoreError) return undefined;
    throw error;
  }
};

/** Where nothing comes of a change, the answer waits until the tickets are free of it, so that something else can be asked. */
const untied = async (
  { store, watch }: ChangeTicketsRouteDeps,
  orderNo: string,
  { changeNo }: OrderChange,
  waitMs: number,
): Promise<void> => {
  const isFree = async (): Promise<true | undefined> => {
    const { order } = await loadOrder(store, orderNo);
    return order.changes.some((one) => one.changeNo === changeNo && one.status === 'PENDING') ? undefined : true;
  };
  try {
    if (waitMs > 0) await watch.until(orderNo, waitMs, isFree);
  } catch (error) {
    if (!(error instanceof EventStoreError)) throw error;
  }
};

/** With nothing due, the way from the seats to the tickets is short. */
const UNDECIDED: readonly Order['status'][] = ['ABSENT', 'QUEUED', 'PAID', 'TICKETING', 'FAIL'];

type NotChanged =
  | 'SOLD_OUT'
  | 'SALE_STOPPED'
  | 'SALE_CLOSED'
  | 'RUN_CANCELLED'
  | 'LIMIT_TRAIN'
  | 'LIMIT_DOCUMENT'
  | 'JOURNEY_OVERLAPS'
  | 'TICKETING_FAILED'
  | 'NOT_CHANGEABLE';

const reply = async (
  { alternatives }: ChangeTicketsRouteDeps,
  { changeNo, newOrderNo, feeFen, payFen, refundFen, request }: OrderChange,
  placed: Placed | undefined,
): Promise<Reply<NotChanged>> => {
  const sums = { changeNo, orderNo: newOrderNo, feeFen, payFen, refundFen };
  const headers = { Location: `/v1/orders/${newOrderNo}` };
  if (placed === undefined) return { status: 202, body: { ...sums, status: 'WAIT_PAY' }, headers };
  const { status, closeReason, closeDetail = '', payBefore, tickets } = placed.order;
  if (tickets.length > 0) return { status: 201, body: { ...sums, status: 'SUCCESS' }, headers };
  if (status !== 'CLOSED')
    return {
      status: 201,
      body: { ...sums, status: 'WAIT_PAY', ...(payBefore === undefined ? {} : { payBefore }) },
      headers,
    };
  const extra = { orderNo: newOrderNo, changeNo };
  switch (closeReason) {
    case 'SOLD_OUT':
    case 'SALE_STOPPED':
    case 'SALE_CLOSED':
    case 'RUN_CANCELLED': {
      const found = await alternatives.find({ ...request, party: request.passengers.length });
      return { refused: { code: closeReason, detail: closeDetail, extra: { ...extra, alternatives: found } } };
    }
    case 'LIMIT_TRAIN':
    case 'LIMIT_DOCUMENT':
    case 'JOURNEY_OVERLAPS':
      return { refused: { code: closeReason, detail: closeDetail, extra } };
    case 'TICKETING_FAILED':
      return {
        refused: { code: closeReason, detail: 'the new tickets could not be issued; the old ones stay', extra },
      };
    default:
      return { refused: { code: 'NOT_CHANGEABLE', detail: `the change has ended: ${closeReason}`, extra } };
  }
};
