// What makes a payment's URL one that nobody can guess or compute: whoever has it may pay this payment, and no other.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** 128 bits. */
const TOKEN_BYTES = 16;

/** Never what a signature covers: that begins with the time. */
const digest = (secret: string, paymentNo: string): Buffer =>
  createHmac('sha256', secret).update(`pay/${paymentNo}`).digest().subarray(0, TOKEN_BYTES);

export const payTokenOf = (secret: string, paymentNo: string): string =>
  digest(secret, paymentNo).toString('base64url');

export const isPayToken = (secret: string, paymentNo: string, token: string): boolean => {
  const given = Buffer.from(token);
  const expected = Buffer.from(payTokenOf(secret, paymentNo));
  return given.length === expected.length && timingSafeEqual(given, expected);
};
