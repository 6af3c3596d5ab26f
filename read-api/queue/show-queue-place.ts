// Shows the place once.
import { type Route, route } from '@railhead/http/route.ts';
import { type QueueReads, queueParams, queuePlaceOf, queuePlaceShape } from './queue-place.ts';

export const showQueuePlaceRoute = (reads: QueueReads): Route =>
  route({
    method: 'get',
    path: '/v1/queue/{token}',
    operationId: 'showQueuePlace',
    summary: 'The place of an order in its queue',
    tag: 'queue',
    access: 'public',
    params: queueParams,
    responses: { 200: { description: '`position` is 0 once the order has been decided.', schema: queuePlaceShape } },
    problems: ['QUEUE_TOKEN_UNKNOWN'],
    handle: async ({ params: { token } }) => ({ status: 200, body: (await queuePlaceOf(reads, token)).place }),
  });
