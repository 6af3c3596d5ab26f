// Requests that never become one: what Node refuses while it parses is answered as a problem, like everything else.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem, type ProblemCode } from '@railhead/http/problem.ts';
import { requestIdOf } from '@railhead/http/request-id.ts';

const CODES: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'BODY_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

export type ObserveBroken = (status: number) => void;

export const answerBrokenRequests = (server: Server, observe: ObserveBroken): void => {
  server.on('clientError', (error: Error & { readonly code?: string }, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const problem = new Problem(CODES[error.code ?? ''] ?? 'INVALID_REQUEST', 'the request is no HTTP');
    observe(problem.status);
    const body = JSON.stringify(problem.body(''));
    const head = [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const problem = new Problem('EXPECTATION_FAILED', 'only 100-continue can be expected', {}, { Connection: 'close' });
    observe(problem.status);
    refuse(request, response, problem);
  });
};

/** Answers a request that the application never sees, as the application would. */
export const refuse = (request: IncomingMessage, response: ServerResponse, problem: Problem): void => {
  const body = JSON.stringify(problem.body((request.url ?? '').split('?', 1)[0] ?? ''));
  response.writeHead(problem.status, {
    ...problem.headers,
    'X-Request-Id': requestIdOf(request),
    'Cache-Control': 'no-store',
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
};
