// A token for a place in the queue. It contains the order number and a signature, so nothing is stored for it.
import { createHmac, timingSafeEqual } from 'node:crypto';

const sign = (orderNo: string, secret: string): string =>
  createHmac('sha256', secret).update(`queue/${orderNo}`).digest('base64url').slice(0, 22);

export const queueTokenOf = (orderNo: string, secret: string): string => `${orderNo}.${sign(orderNo, secret)}`;

/** The order that a token was made for; undefined for a forged one. */
export const orderOfToken = (token: string, secret: string): string | undefined => {
  const [orderNo = ''] = token.split('.', 1);
  const expected = Buffer.from(queueTokenOf(orderNo, secret));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected) ? orderNo : undefined;
};
