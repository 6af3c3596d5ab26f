export const PAYMENT_CATEGORY = 'payment';

export const paymentStream = (paymentNo: string): string => `${PAYMENT_CATEGORY}-${paymentNo}`;

/** The `attempt`-th payment of an order, from 1. */
export const paymentNoOf = (orderNo: string, attempt: number): string => `${orderNo}P${attempt}`;
