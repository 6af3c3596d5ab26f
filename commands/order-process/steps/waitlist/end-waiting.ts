// A request ends without seats: it was never prepaid, its deadline has come, or none of its classes is sold any more.
import type { WaitlistFailReason } from '@railhead/domain/waitlist/events.ts';
import { type OrderStep, stepMeta, write } from '../../order-step.ts';
import { waitlistAppend } from '../../order-writer.ts';
import { moneyIn } from '../accept-payment.ts';
import { isPaidAfterAll } from '../expire.ts';
import { openLines } from './waiting-place.ts';

const KIND = 'endWaiting';

export const endWaiting: OrderStep = {
  kind: KIND,
  due: (tracked) => {
    const { waits, lines: known } = tracked;
    const request = waits?.waitlist.request;
    if (waits === undefined || request === undefined) return [];
    switch (waits.waitlist.status) {
      case 'PENDING':
        return moneyIn(tracked) === undefined ? [{ key: 'UNPAID', notBeforeMs: Date.parse(request.payBefore) }] : [];
      case 'MATCHING': {
        const lines = openLines(waits, known);
        const reasons = Object.values(known.closed);
        if (lines.length === 0) return [{ key: reasons.includes('RUN_CANCELLED') ? 'RUN_CANCELLED' : 'SALE_CLOSED' }];
        return [{ key: 'DEADLINE', notBeforeMs: Date.parse(request.deadline) }];
      }
      default:
        return [];
    }
  },
  run: async (context) => {
    const { deps, current, key } = context;
    if (key === 'UNPAID') {
      if (await isPaidAfterAll(context, current().waits?.waitlist.request?.payBefore)) return undefined;
      // A notice may have come while the gateway was asked.
      if (moneyIn(current()) !== undefined) return undefined;
    }
    const { waits } = current();
    if (waits === undefined) return undefined;
    // Safe cast: `due` gives no other keys.
    const reason = key as WaitlistFailReason;
    return write(deps, waitlistAppend(waits, { type: 'Fail', reason }, stepMeta(context, `${KIND}/${key}`)));
  },
};
