// The signature of messages between gateway and merchant: HMAC-SHA256 over time and body, in one header.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { NoticeVerifier } from '@railhead/commands/ports/notice-verifier.ts';

export const SIGNATURE_HEADER = 'Gateway-Signature';

const digest = (secret: string, seconds: number, body: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();

/** `t=<unix seconds>,v1=<hex>` */
export const signatureOf = (secret: string, nowMs: number, body: Uint8Array): string => {
  const seconds = Math.floor(nowMs / 1000);
  return `t=${seconds},v1=${digest(secret, seconds, body).toString('hex')}`;
};

/** Old signatures are refused, so that a recorded notice cannot be replayed for ever. */
export const verifySignature = (
  secret: string,
  header: string | undefined,
  body: Uint8Array,
  { nowMs, toleranceSeconds }: { readonly nowMs: number; readonly toleranceSeconds: number },
): boolean => {
  const match = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '');
  if (match === null) return false;
  const seconds = Number(match[1]);
  if (Math.abs(nowMs / 1000 - seconds) > toleranceSeconds) return false;
  return timingSafeEqual(digest(secret, seconds, body), Buffer.from(match[2] ?? '', 'hex'));
};

export const hmacNoticeVerifier = (secret: string, toleranceSeconds: number, now: () => number): NoticeVerifier => ({
  verify: (header, body) => verifySignature(secret, header(SIGNATURE_HEADER), body, { nowMs: now(), toleranceSeconds }),
});
