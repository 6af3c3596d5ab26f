// Asks the sandbox gateway for its statement of a day.
import { GatewayError } from '@railhead/commands/ports/payment-gateway.ts';
import { SIGNATURE_HEADER, signatureOf } from '../signature.ts';
import { atGateway, STATEMENT_PATH } from './paths.ts';

const TIMEOUT_MS = 30_000;

/** Throws `GatewayError` if the gateway does not answer, or not with a statement. */
export const fetchStatement = async (
  gatewayUrl: string,
  secret: string,
  date: string,
  nowMs: number,
): Promise<string> => {
  const path = `${STATEMENT_PATH}/${date}`;
  const headers = { [SIGNATURE_HEADER]: signatureOf(secret, nowMs, Buffer.from(path)) };
  const { status, text } = await answerOf(new URL(atGateway(gatewayUrl, path)), headers);
  if (status === 200) return text;
  throw new GatewayError(
    status >= 500 ? 'GATEWAY_UNAVAILABLE' : 'GATEWAY_REFUSED',
    `the gateway answered ${status} to the question for its statement of ${date}`,
  );
};

const answerOf = async (
  url: URL,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> => {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    throw new GatewayError('GATEWAY_UNAVAILABLE', `the payment gateway at ${url.origin} does not answer`, { cause });
  }
};
