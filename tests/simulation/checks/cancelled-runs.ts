// At rest every order on a cancelled run is closed, and all its money is refunded.
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';

export const checkCancelledRuns = ({ truth }: World): void => {
  const isOnCancelled = (orderNo: string): boolean => {
    const request = truth.orders.get(orderNo)?.request;
    return request !== undefined && truth.isCancelled(request.train, request.date);
  };
  // Money of tickets that were changed has moved on; the sums of all money tell where it is.
  const isChanged = (orderNo: string): boolean => {
    const order = truth.orders.get(orderNo);
    return order?.before !== undefined || (order?.changes.size ?? 0) > 0;
  };
  for (const { orderNo, status } of truth.orders.values())
    if (isOnCancelled(orderNo) && status !== 'CLOSED')
      throw new Violation('CANCELLED_RUN_SERVED', `order ${orderNo} is ${status}, and its run is cancelled`);
  for (const [paymentNo, { orderNo, status }] of truth.payments)
    if (
      isOnCancelled(orderNo) &&
      !isChanged(orderNo) &&
      (status === 'PaymentSucceeded' || status === 'PaymentRefundRequested')
    )
      throw new Violation('CANCELLED_RUN_SERVED', `${paymentNo} is ${status}, and the run of its order is cancelled`);
};
