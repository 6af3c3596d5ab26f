// Writes answers: JSON, text, or the problem that was thrown.
import { hash } from 'node:crypto';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { Exchange } from './exchange.ts';
import type { Problem } from './problem.ts';
import { problemOf } from './problem-of.ts';

type Headers = Readonly<Record<string, string>>;

export const sendJson = (exchange: Exchange, status: number, body: unknown, headers?: Headers): void =>
  sendText(exchange, status, 'application/json; charset=utf-8', JSON.stringify(body), headers);

/** The whole answer is one write. Its tag names its bytes, unless the endpoint has a tag of its own. */
export const sendText = (
  exchange: Exchange,
  status: number,
  contentType: string,
  text: string,
  headers: Headers = {},
): void => {
  const { response } = exchange;
  const bytes = Buffer.byteLength(text);
  setHeaders(exchange, headers);
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', bytes);
  if (!response.hasHeader('ETag')) response.setHeader('ETag', tagOf(text, bytes));
  response.statusCode = status;
  response.end(text);
};

export const sendNothing = (exchange: Exchange, status: number, headers: Headers = {}): void => {
  setHeaders(exchange, headers);
  exchange.response.statusCode = status;
  exchange.response.end();
};

const setHeaders = ({ response }: Exchange, headers: Headers): void => {
  for (const name of Object.keys(headers)) response.setHeader(name, headers[name] ?? '');
};

const tagOf = (text: string, bytes: number): string =>
  `W/"${bytes.toString(16)}-${hash('sha1', text, 'base64').slice(0, 27)}"`;

export const sendProblem = (exchange: Exchange, problem: Problem): void =>
  sendText(
    exchange,
    problem.status,
    'application/problem+json; charset=utf-8',
    JSON.stringify(problem.body(exchange.path)),
    problem.headers,
  );

/** Answers with the problem that the client sees for anything thrown. What nobody expected is logged. */
export const sendFailure = (exchange: Exchange, error: unknown, logger: Pick<Logger, 'error'>): void => {
  const { path, requestId, response } = exchange;
  const problem = problemOf(error);
  if (problem.status >= 500 && problem.status !== 503)
    logger.error({ err: error, path, requestId }, 'a request failed');
  if (response.headersSent) response.destroy();
  else sendProblem(exchange, problem);
};
