// Asks the sandbox gateway for its statement of a day.
import { SIGNATURE_HEADER, signatureOf } from '../signature.ts';
import { STATEMENT_PATH } from './paths.ts';

const TIMEOUT_MS = 30_000;

/** Throws if the gateway does not answer, or not with a statement. */
export const fetchStatement = async (
  gatewayUrl: string,
  secret: string,
  date: string,
  nowMs: number,
): Promise<string> => {
  const path = `${STATEMENT_PATH}/${date}`;
  const response = await fetch(new URL(path, gatewayUrl), {
    headers: { [SIGNATURE_HEADER]: signatureOf(secret, nowMs, Buffer.from(path)) },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the gateway answered ${response.status} to the question for its statement`);
  return response.text();
};
