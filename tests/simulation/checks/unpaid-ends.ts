// Every order of a limited user that had seats and ended unpaid is counted for its buyer.
import { isLimited } from '../world/plan.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';

export const checkUnpaidEnds = ({ plan, truth }: World): void => {
  if (plan.limits === undefined) return;
  for (const { orderNo, request, closeReason, lockId } of truth.orders.values()) {
    const isUnpaid = (closeReason === 'CANCELLED' || closeReason === 'EXPIRED') && lockId !== '';
    if (isUnpaid && isLimited(request.userId) && !truth.endedUnpaid.has(orderNo))
      throw new Violation('END_UNCOUNTED', `order ${orderNo} of ${request.userId} ended as ${closeReason}`);
  }
};
