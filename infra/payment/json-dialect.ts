// JSON with amounts in fen, signed in a header with a secret that both sides share.
import { type Dialect, parsedJson } from './dialect.ts';
import { SIGNATURE_HEADER, signatureOf, verifySignature } from './signature.ts';

const TOLERANCE_SECONDS = 300;

export const jsonDialect = (secret: string, toleranceSeconds = TOLERANCE_SECONDS): Dialect => ({
  seal: async (text, nowMs) => {
    const body = Buffer.from(text);
    return {
      headers: { 'Content-Type': 'application/json', [SIGNATURE_HEADER]: signatureOf(secret, nowMs, body) },
      body,
    };
  },
  open: async (header, body, nowMs) =>
    verifySignature(secret, header(SIGNATURE_HEADER), body, { nowMs, toleranceSeconds })
      ? { message: parsedJson(body) }
      : undefined,
});
