// What became of the order of a waitlist request is written down in the request too.
import type { Order } from '@railhead/domain/order/fold.ts';
import type { WaitlistCommand } from '@railhead/domain/waitlist/decide.ts';
import type { WaitlistStatus } from '@railhead/domain/waitlist/fold.ts';
import { type OrderStep, stepMeta, write } from '../../order-step.ts';
import { waitlistAppend } from '../../order-writer.ts';

const KIND = 'tellWaitlist';

export const tellWaitlist: OrderStep = {
  kind: KIND,
  due: ({ waits, order }) => {
    const command = newsOf(waits?.waitlist.status, order);
    return command === undefined ? [] : [{ key: command.type }];
  },
  run: async (context) => {
    const { waits, order } = context.current();
    const command = newsOf(waits?.waitlist.status, order);
    if (waits === undefined || command === undefined) return undefined;
    return write(context.deps, waitlistAppend(waits, command, stepMeta(context, `${KIND}/${command.type}`)));
  },
};

/** What the request does not know yet of its order. */
const newsOf = (status: WaitlistStatus | undefined, order: Order): WaitlistCommand | undefined => {
  if (order.status === 'ABSENT' || (status !== 'LOCKED' && status !== 'AWAIT_PAY')) return undefined;
  if (order.tickets.length > 0) return { type: 'Serve' };
  if (order.status === 'CLOSED' && order.closeReason !== undefined) return { type: 'Fail', reason: order.closeReason };
  return status === 'LOCKED' ? { type: 'PlaceOrder' } : undefined;
};
