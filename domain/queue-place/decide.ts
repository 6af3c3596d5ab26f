// A place in the queue is good for one order.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { QueuePlaceEvent, QueuePlaceUsed } from './events.ts';
import type { QueuePlace } from './fold.ts';

export type QueuePlaceCommand =
  | ({ readonly type: 'Use' } & QueuePlaceUsed['data'])
  | { readonly type: 'Return'; readonly orderNo: string };

export type QueuePlaceRefusal = 'QUEUE_TOKEN_INVALID' | 'ORDER_DIFFERS';

export const decide = (
  { use }: QueuePlace,
  command: QueuePlaceCommand,
): Decision<QueuePlaceEvent, QueuePlaceRefusal> => {
  const { orderNo } = command;
  if (command.type === 'Return') {
    if (use?.orderNo !== orderNo) return unchanged;
    return emit({ type: 'QueuePlaceReturned', version: 1, data: { orderNo } });
  }
  const { type: _, ...data } = command;
  if (use !== undefined && use.orderNo !== orderNo)
    return refuse('QUEUE_TOKEN_INVALID', 'this place has been used for another order; join the queue again', {
      reason: 'USED',
    });
  if (use !== undefined && use.requestMark !== data.requestMark)
    return refuse('ORDER_DIFFERS', `order ${orderNo} is another request`);
  return emit({ type: 'QueuePlaceUsed', version: 1, data });
};
