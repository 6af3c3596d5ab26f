// Places an order. It is durable at once and decided in its turn; a client may wait for the decision.
import { foldOrder } from '@railhead/commands/orders/load-order.ts';
import { newOrderView, type OrderView, viewAfterOrderEvent } from '@railhead/commands/orders/order-view.ts';
import type { OrderWatch } from '@railhead/commands/orders/order-watch.ts';
import { type PlaceOrder, type PlaceOrderDeps, placeOrder } from '@railhead/commands/orders/place-order.ts';
import { queueTokenOf } from '@railhead/commands/orders/queue-token.ts';
import { type EventStore, EventStoreError, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { SeatAlternatives } from '@railhead/commands/ports/seat-alternatives.ts';
import type { CloseReason } from '@railhead/domain/order/events.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { clientGone } from '@railhead/http/client-gone.ts';
import { headerOf } from '@railhead/http/header.ts';
import { idempotencyKeyOf } from '@railhead/http/idempotency-key.ts';
import type { OrderQueue } from '@railhead/http/order-queue.ts';
import { POSITION_HEADER } from '@railhead/http/position.ts';
import { type Reply, type Route, route } from '@railhead/http/route.ts';
import {
  dateShape,
  orderShape,
  passengerShape,
  seatClassShape,
  stationCodeShape,
  trainShape,
} from '@railhead/http/shapes.ts';
import type { WaitingRequests } from '@railhead/http/waiting-requests.ts';
import { z } from 'zod';

export type PlaceOrderRouteDeps = PlaceOrderDeps & {
  readonly watch: OrderWatch;
  readonly waiting: WaitingRequests;
  readonly alternatives: SeatAlternatives;
  readonly queue: OrderQueue;
};

/** The longest `Prefer: wait` that is honoured, in seconds (RFC 7240). */
const MAX_WAIT_SECONDS = 30;

const orderBody = z
  .strictObject({
    train: trainShape,
    date: dateShape,
    from: stationCodeShape,
    to: stationCodeShape,
    seatClass: seatClassShape,
    // How many may travel together is for the order to say; the limit of the body bounds how many are read.
    passengers: z.array(passengerShape),
    acceptStanding: z.boolean().default(false),
    acceptSeatChange: z.boolean().default(false),
  })
  .meta({ id: 'OrderRequest' });

const queuedShape = z.object({
  orderNo: z.string(),
  status: z.literal('QUEUED'),
  queueToken: z.string(),
  position: z.int(),
  etaSeconds: z.int(),
});

export const placeOrderRoute = (deps: PlaceOrderRouteDeps): Route =>
  route({
    method: 'post',
    path: '/v1/orders',
    operationId: 'placeOrder',
    summary: 'Order seats for one to five passengers',
    tag: 'orders',
    access: 'user',
    keyed: 'byHandler',
    headers: {
      'Idempotency-Key': 'Names the request for seven days: sent again, it is the same order.',
      'Queue-Token': 'Of `POST /v1/queue`; needed on a run that has a queue, once admitted.',
      Prefer: '`wait=5` waits up to five seconds for the seats.',
    },
    body: orderBody,
    responses: {
      201: { description: 'The seats are held until `payBefore`.', schema: orderShape },
      202: { description: 'The order is durable and waits for its turn.', schema: queuedShape },
    },
    problems: [
      'TRAIN_NOT_FOUND',
      'SOLD_OUT',
      'SALE_STOPPED',
      'RUN_CANCELLED',
      'STATION_NOT_ON_ROUTE',
      'JOURNEY_BACKWARDS',
      'CLASS_NOT_ON_TRAIN',
      'DATE_OUTSIDE_SALE',
      'SALE_CLOSED',
      'SALE_NOT_OPEN',
      'PASSENGER_COUNT',
      'PASSENGER_TWICE',
      'IDEMPOTENCY_KEY_REUSED',
      'QUEUE_FULL',
      'QUEUE_REQUIRED',
      'QUEUE_TOKEN_INVALID',
      'TOO_MANY_UNPAID',
      'LIMIT_TRAIN',
      'LIMIT_DOCUMENT',
      'JOURNEY_OVERLAPS',
      'CANCELLED_TOO_OFTEN',
      'CONTENDED',
    ],
    handle: async ({ body, caller, request, response, requestId }) => {
      const { userId } = caller;
      const command: PlaceOrder = {
        ...body,
        passengers: body.passengers.map(withoutAbsent),
        userId,
        idempotencyKey: idempotencyKeyOf(request),
        correlationId: requestId,
        queueToken: headerOf(request, 'queue-token'),
      };
      const placed = await placeOrder(deps, command);
      if (!placed.ok) return { refused: placed.refusal };
      const { orderNo, position, repeated, requested } = placed.value;
      const headers: Record<string, string> = { Location: `/v1/orders/${orderNo}` };
      if (position > 0) headers[POSITION_HEADER] = String(position);
      const preferred = waitOf(headerOf(request, 'prefer'));
      // Without a place to wait the request is answered as if it had not asked to.
      const slot = preferred > 0 ? deps.waiting.take(userId) : 'all';
      const waitSeconds = typeof slot === 'function' ? preferred : 0;
      if (waitSeconds > 0) headers['Preference-Applied'] = `wait=${waitSeconds}`;
      try {
        const decided =
          waitSeconds > 0 || repeated
            ? await decisionOf(deps, orderNo, waitSeconds, { after: position, gone: clientGone(response), requested })
            : undefined;
        if (decided !== undefined) return await decidedReply(deps, decided, headers);
      } finally {
        if (typeof slot === 'function') slot();
      }
      const { positionOf, etaSeconds, tokenSecret } = deps.queue;
      const place = Math.max(1, positionOf(orderNo));
      const queueToken = queueTokenOf(orderNo, tokenSecret);
      const queued = { orderNo, status: 'QUEUED', queueToken, position: place, etaSeconds: etaSeconds(place) };
      return { status: 202, body: queued, headers };
    },
  });

/** The decision, once it is there. The order is durable, so a log that cannot be read now is no failure of the request. */
const decisionOf = async (
  { store, watch }: PlaceOrderRouteDeps,
  orderNo: string,
  waitSeconds: number,
  {
    requested,
    ...options
  }: { readonly after: number; readonly gone: AbortSignal; readonly requested: RecordedEvent | undefined },
): Promise<DecidedOrder | undefined> => {
  try {
    return await watch.until(
      orderNo,
      waitSeconds * 1_000,
      (came) => decidedOrder(store, orderNo, requested, came),
      options,
    );
  } catch (error) {
    if (error instanceof EventStoreError) return undefined;
    throw error;
  }
};

type DecidedOrder = { readonly order: Order; readonly view: OrderView; readonly position: number };

/**
 * The order as the log has it now; undefined until its request has been decided. It is read where the events that came are
 * not all of its stream.
 */
const decidedOrder = async (
  store: EventStore,
  orderNo: string,
  requested: RecordedEvent | undefined,
  came: readonly RecordedEvent[],
): Promise<DecidedOrder | undefined> => {
  const known = requested === undefined || came.length === 0 ? [] : [requested, ...came];
  const isWhole = known.length > 0 && known.every(({ revision }, index) => revision === index);
  const events = isWhole ? known : await store.readStream(orderCategory.stream(orderNo));
  if (events.length < 2) return undefined;
  const { order } = foldOrder(events);
  if (order.request === undefined || order.status === 'QUEUED') return undefined;
  let view = newOrderView(orderNo, order.request, order.requestedAt);
  for (const event of events) if (orderCategory.owns(event)) view = viewAfterOrderEvent(view, event);
  return { order, view, position: events.at(-1)?.position ?? 0 };
};

/** Reasons for which an order could not be sold. A cancellation by its buyer is none of them. */
type NotSold = 'SOLD_OUT' | 'SALE_STOPPED' | 'SALE_CLOSED' | 'RUN_CANCELLED';
const isNotSold = (reason: CloseReason | undefined): reason is NotSold =>
  reason === 'SOLD_OUT' || reason === 'SALE_STOPPED' || reason === 'SALE_CLOSED' || reason === 'RUN_CANCELLED';

const decidedReply = async (
  { alternatives }: PlaceOrderRouteDeps,
  { order, view, position }: DecidedOrder,
  headers: Record<string, string>,
): Promise<Reply<NotSold>> => {
  const { closeReason, request } = order;
  headers[POSITION_HEADER] = String(position);
  if (request !== undefined && isNotSold(closeReason)) {
    const party = request.passengers.length;
    const found = await alternatives.find({ ...request, party });
    const extra = { orderNo: view.orderNo, alternatives: found };
    return { refused: { code: closeReason, detail: order.closeDetail ?? '', extra }, headers };
  }
  const { userId: _, ...shown } = view;
  return { status: 201, body: shown, headers };
};

const waitOf = (prefer: string | undefined): number => {
  const wanted = /(?:^|[,;\s])wait\s*=\s*"?(\d+)"?(?:$|[,;\s])/i.exec(prefer ?? '')?.[1];
  return Math.min(MAX_WAIT_SECONDS, Number(wanted ?? 0));
};

const withoutAbsent = ({ wants, ...passenger }: z.output<typeof passengerShape>) =>
  wants === undefined ? passenger : { ...passenger, wants };
