// Confirms the lock of a paid order and issues its tickets. If the lock cannot be confirmed, or the issuer of tickets
// refuses or gives no answer for long, the order fails: its money goes back, and then its seats are free.
import { loadOrder } from '../../orders/load-order.ts';
import { confirmLock } from '../confirm-lock.ts';
import { type OrderStep, stepMeta, write } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';
import { failTicketing, issue, nextTry, tooLate } from '../ticketing.ts';

const KIND = 'issueTickets';

export const issueTickets: OrderStep = {
  kind: KIND,
  due: (tracked) => {
    const { status, request } = tracked.order;
    const isDue = request?.change === undefined && (status === 'PAID' || status === 'TICKETING');
    return isDue ? [{ key: '', ...nextTry(tracked) }] : [];
  },
  run: async (context) => {
    const { deps, current } = context;
    const { request, seatClass, orderNo } = current().order;
    if (request === undefined || seatClass === undefined) return undefined;
    const late = await tooLate(context);
    if (late !== undefined) return failTicketing(context, KIND, late);
    // Without an issuer the tickets are valid with the lock, in one append.
    const confirmed = await confirmLock(context, KIND, deps.issuer === undefined);
    if (deps.issuer === undefined || !confirmed.ok) return undefined;
    const issued = await issue(context);
    if (issued.kind === 'again') return issued.learnt;
    if (issued.kind === 'refused') return failTicketing(context, KIND, issued.reason);
    const now = await loadOrder(deps.store, orderNo);
    return write(deps, orderAppend(now, [{ type: 'IssueTickets' }], stepMeta(context, `${KIND}/issued`)));
  },
};
