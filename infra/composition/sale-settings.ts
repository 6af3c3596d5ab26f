import { isZone } from '@railhead/commands/time/zone.ts';
import { z } from 'zod';
import { type Settings, saying, secretText, setting, whole } from '../config/setting.ts';

export const saleSettings = {
  saleDays: setting(whole(1, 60), 15, 'RAILHEAD_SALE_DAYS', 'days on sale, today included'),
  timeZone: setting(
    // Runs sold before zones had names have an offset for one; a railway has a name.
    z
      .string()
      .refine(
        (text) => isZone(text) && !/^[+-]/.test(text),
        'must be the IANA name of a time zone, such as Europe/Berlin',
      ),
    'Asia/Shanghai',
    'RAILHEAD_TIME_ZONE',
    "the railway's zone, daylight saving time included; runs on sale keep the zone they were opened in",
  ),
  paymentMinutes: setting(
    z.coerce
      .number({ error: saying('must be a number') })
      .min(0.01)
      .max(1_440),
    15,
    'RAILHEAD_PAYMENT_MINUTES',
    'how long held seats wait for their payment',
  ),
  gatewayGraceMinutes: setting(
    whole(0, 1_440),
    10,
    'RAILHEAD_GATEWAY_GRACE_MINUTES',
    'how long an order waits beyond its time to pay, with its seats, for a payment gateway that does not answer',
  ),
  ticketIssuer: setting(
    z.enum(['own', 'sandbox']),
    'own',
    'RAILHEAD_TICKET_ISSUER',
    'own: tickets are numbered here; sandbox: another system is asked for them, which is slow and fails at times',
  ),
  assignMinutes: setting(
    whole(1, 43_200),
    60,
    'RAILHEAD_ASSIGN_MINUTES',
    'how long before departure seats sold by count are given out, and their sale ends',
  ),
  checkInMinutes: setting(
    whole(1, 43_200),
    60,
    'RAILHEAD_CHECK_IN_MINUTES',
    'how long before the departure from where a traveller boards the ticket may be checked in',
  ),
  idempotencyDays: setting(
    whole(1, 365),
    7,
    'RAILHEAD_IDEMPOTENCY_DAYS',
    'how long an idempotency key names one order',
  ),
  orderSecret: setting(
    secretText,
    '',
    'RAILHEAD_ORDER_SECRET',
    'keys the order numbers, and must stay while idempotency keys live; empty: made at the first start',
    'made',
  ),
  ordersKeyedSince: setting(
    z.union([z.literal(''), z.iso.datetime({ offset: true })]),
    '',
    'RAILHEAD_ORDERS_KEYED_SINCE',
    'when the order secret came to a railway that had sold before, RFC 3339; kept with the secret that is made',
  ),
  ordersCheckedSince: setting(
    z.union([z.literal(''), z.iso.datetime({ offset: true })]),
    '',
    'RAILHEAD_ORDERS_CHECKED_SINCE',
    'orders requested before, RFC 3339, have numbers of a secret that is lost; their requests, sent again, are new orders',
  ),
  unpaidSeatsLimit: setting(
    whole(0, 1_000_000),
    18,
    'RAILHEAD_UNPAID_SEATS_LIMIT',
    'seats that a user may have waiting for their payment; 0: not limited',
  ),
  ticketsPerTrainLimit: setting(
    whole(0, 1_000_000),
    5,
    'RAILHEAD_TICKETS_PER_TRAIN_LIMIT',
    'tickets that a user may have for one train and run date; 0: not limited',
  ),
  ticketsPerDocumentLimit: setting(
    whole(0, 1_000_000),
    10,
    'RAILHEAD_TICKETS_PER_DOCUMENT_LIMIT',
    'tickets that a document may have for journeys that begin on one day; 0: not limited',
  ),
  journeysAtOnceLimit: setting(
    whole(0, 1),
    1,
    'RAILHEAD_JOURNEYS_AT_ONCE_LIMIT',
    'journeys that a document may be on at one time; 0: not limited, also on one run',
  ),
  cancelledOrdersLimit: setting(
    whole(0, 1_000_000),
    3,
    'RAILHEAD_CANCELLED_ORDERS_LIMIT',
    'orders with seats that a user may cancel, or let expire, on one day; then no more are taken that day; 0: not limited',
  ),
  queueLimit: setting(whole(1, 1_000_000), 50_000, 'RAILHEAD_QUEUE_LIMIT', 'requests that may wait for one run'),
} as const satisfies Settings;
