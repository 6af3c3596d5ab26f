// Seats that came free, for whoever tells others of them.
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { ReplenishFeed } from '@railhead/commands/replenish/replenish-feed.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, instantShape, seatClassShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { limitShape, wholeNumber } from '../limit-shape.ts';
import { assertWithinLog } from '../within-log.ts';

const MOST_EVENTS = 1_000;
const USUAL_EVENTS = 200;

const replenishmentShape = z
  .object({
    id: z.string().meta({ description: 'The same whenever the message is read.' }),
    position: z.int(),
    at: instantShape,
    train: z.string(),
    date: dateShape,
    seatClass: seatClassShape,
    count: z.int().min(1).meta({ description: 'Places that came free, each of one traveller.' }),
    toWaiting: z.int().min(0).optional().meta({
      description:
        'How many of them went at once, on a part of the way at least, to who waits for seats. Absent where the log does not say.',
    }),
    reason: z.string().meta({
      description:
        'EXPIRED, CANCELLED, REFUNDED, CHANGED, WITHDRAWAL_LIFTED, COACHES_ADDED, or why else an order ended.',
    }),
  })
  .meta({ id: 'Replenishment' });

export const listReplenishmentsRoute = (feed: ReplenishFeed, store: Pick<EventStore, 'lastPosition'>): Route =>
  route({
    method: 'get',
    path: '/v1/admin/inventory-replenish',
    operationId: 'listReplenishments',
    summary: 'Seats that came free, in the order of the log',
    tag: 'admin',
    access: 'operator',
    query: z.strictObject({
      after: wholeNumber.min(0).default(0).meta({ description: 'The position up to which all is delivered.' }),
      limit: limitShape(MOST_EVENTS, USUAL_EVENTS).meta({ description: 'Events of lock books and runs to look at.' }),
    }),
    responses: {
      200: {
        description: 'What the next events of lock books and runs free; go on after `next`.',
        schema: z.object({ messages: z.array(replenishmentShape), next: z.int(), atEnd: z.boolean() }),
      },
    },
    problems: ['MOMENT_IN_FUTURE'],
    handle: async ({ query }) => {
      await assertWithinLog(store, query.after);
      const { messages, next, atEnd } = await feed.read(query);
      return { status: 200, body: { messages: [...messages], next, atEnd } };
    },
  });
