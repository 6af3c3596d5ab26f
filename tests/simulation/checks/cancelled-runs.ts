// At rest every order on a cancelled run is closed, and all its money is refunded.
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';

export const checkCancelledRuns = ({ truth }: World): void => {
  const isOnCancelled = (orderNo: string): boolean => {
    const request = truth.orders.get(orderNo)?.request;
    return request !== undefined && truth.isCancelled(request.train, request.date);
  };
  for (const { orderNo, status } of truth.orders.values())
    if (isOnCancelled(orderNo) && status !== 'CLOSED')
      throw new Violation('CANCELLED_RUN_SERVED', `order ${orderNo} is ${status}, and its run is cancelled`);
  for (const [paymentNo, { orderNo, status }] of truth.payments)
    if (isOnCancelled(orderNo) && (status === 'PaymentSucceeded' || status === 'PaymentRefundRequested'))
      throw new Violation('CANCELLED_RUN_SERVED', `${paymentNo} is ${status}, and the run of its order is cancelled`);
};
