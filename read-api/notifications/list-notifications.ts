// What travellers must hear, for whoever delivers it.

import { readNotifications } from '@railhead/commands/notifications/read-notifications.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { NotificationKind } from '@railhead/domain/notification/notification.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { fenShape, instantShape, journeyFields } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { limitShape, wholeNumber } from '../limit-shape.ts';
import { assertWithinLog } from '../within-log.ts';

const MOST_EVENTS = 1_000;
const USUAL_EVENTS = 200;

const KINDS = {
  HELD: 'HELD',
  PAID: 'PAID',
  TICKETED: 'TICKETED',
  SEATS_ASSIGNED: 'SEATS_ASSIGNED',
  REFUND_REQUESTED: 'REFUND_REQUESTED',
  REFUNDED: 'REFUNDED',
  CHANGE_REQUESTED: 'CHANGE_REQUESTED',
  CHANGED: 'CHANGED',
  CHANGE_FAILED: 'CHANGE_FAILED',
  WAITLIST_WAITING: 'WAITLIST_WAITING',
  WAITLIST_SERVED: 'WAITLIST_SERVED',
  WAITLIST_FAILED: 'WAITLIST_FAILED',
  PREPAYMENT_REST_BACK: 'PREPAYMENT_REST_BACK',
  SOLD_OUT: 'SOLD_OUT',
  SALE_STOPPED: 'SALE_STOPPED',
  SALE_CLOSED: 'SALE_CLOSED',
  RUN_CANCELLED: 'RUN_CANCELLED',
  CANCELLED: 'CANCELLED',
  EXPIRED: 'EXPIRED',
  TICKETING_FAILED: 'TICKETING_FAILED',
  LIMIT_TRAIN: 'LIMIT_TRAIN',
  LIMIT_DOCUMENT: 'LIMIT_DOCUMENT',
  JOURNEY_OVERLAPS: 'JOURNEY_OVERLAPS',
  TICKETS_VOID: 'TICKETS_VOID',
} as const satisfies { readonly [Kind in NotificationKind]: Kind };

const notificationShape = z
  .object({
    id: z.string(),
    position: z.int(),
    at: instantShape,
    type: z.literal('NotificationRequested'),
    kind: z.enum(KINDS),
    ...journeyFields,
    seatClass: z.string(),
    currency: z.string(),
    items: z.array(
      z.object({
        itemNo: z.int(),
        coach: z.string().optional(),
        seat: z.string().optional(),
        ticketNo: z.string().optional(),
      }),
    ),
    amountFen: fenShape.optional(),
    feeFen: fenShape.optional(),
    payBefore: instantShape.optional(),
    newOrderNo: z.string().optional(),
    detail: z.string().optional(),
  })
  .meta({ id: 'Notification' });

export const listNotificationsRoute = ({ store }: { readonly store: EventStore }): Route =>
  route({
    method: 'get',
    path: '/v1/admin/notifications',
    operationId: 'listNotifications',
    summary: 'What travellers must hear, in the order of the log',
    tag: 'admin',
    access: 'operator',
    query: z.strictObject({
      after: wholeNumber.min(0).default(0).meta({ description: 'The position up to which all is delivered.' }),
      limit: limitShape(MOST_EVENTS, USUAL_EVENTS).meta({ description: 'Events of orders to look at.' }),
    }),
    responses: {
      200: {
        description: 'What the next events of orders ask to be told; go on after `next`.',
        schema: z.object({ notifications: z.array(notificationShape), next: z.int(), atEnd: z.boolean() }),
      },
    },
    problems: ['MOMENT_IN_FUTURE'],
    handle: async ({ query }) => {
      await assertWithinLog(store, query.after);
      const { notifications, ...page } = await readNotifications(store, query);
      const told = notifications.map((one) => ({ ...one, type: 'NotificationRequested' as const }));
      return { status: 200, body: { notifications: told, ...page } };
    },
  });
