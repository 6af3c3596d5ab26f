// One request and its answer, with what all of them have in common: a request id, headers for browsers, a place in the
// metrics.
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';
import { requestIdOf } from './request-id.ts';

/** Counts an answer, with the seconds it took. */
export type Observe = (operationId: string, method: string, status: number, seconds: number) => void;

export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Without the query. */
  readonly path: string;
  /** The endpoint that takes it; `NO_OPERATION` until that is known, or if there is none. */
  operationId: string;
};

const NO_OPERATION = 'none';

/** Writes down the headers that it is given. */
class HeaderNotes extends ServerResponse {
  readonly noted: (readonly [string, string])[] = [];

  override setHeader(name: string, value: number | string | readonly string[]): this {
    this.noted.push([name, String(value)]);
    return this;
  }
}

/** Helmet's headers are the same for every answer, so it is asked for them once. */
const BROWSER_HEADERS = ((): readonly (readonly [string, string])[] => {
  const request = new IncomingMessage(new Socket());
  const notes = new HeaderNotes(request);
  helmet()(request, notes, () => {});
  return notes.noted;
})();

export const beginExchange = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  observe: Observe,
): Exchange => {
  const started = process.hrtime.bigint();
  const requestId = requestIdOf(request);
  const exchange: Exchange = { request, response, requestId, path, operationId: NO_OPERATION };
  response.once('close', () => {
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    observe(exchange.operationId, String(request.method).toLowerCase(), response.statusCode, seconds);
  });
  for (const [name, value] of BROWSER_HEADERS) response.setHeader(name, value);
  response.setHeader('X-Request-Id', requestId);
  return exchange;
};

/** For answers about people, or about this very moment. */
export const keepNowhere = ({ response }: Exchange): void => {
  response.setHeader('Cache-Control', 'no-store');
};
