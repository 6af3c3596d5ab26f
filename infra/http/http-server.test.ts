// A stop of the listening server: what is open gets its answer, what comes is refused, and it ends.
import { once } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { HttpServer, type HttpServerOptions } from './http-server.ts';

let held: ServerResponse[] = [];
let served: string[] = [];
const app: RequestListener = (request, response) => {
  served.push(request.url ?? '');
  if (request.url === '/held') held.push(response);
  else response.end('ok');
};
const answerHeld = (): void => {
  for (const response of held.splice(0)) response.end('answered');
};

/** Over one connection that stays open, as a browser or a proxy has it. */
class KeptAlive {
  readonly socket: Socket;
  text = '';
  ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.text += chunk.toString();
    });
    socket.once('close', () => {
      this.ended = true;
    });
    socket.on('error', () => {});
  }

  static async to(port: number): Promise<KeptAlive> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new KeptAlive(socket);
  }

  ask(path: string): void {
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: here\r\n\r\n`);
  }
}

const listen = (options: Partial<HttpServerOptions> = {}): Promise<HttpServer> =>
  HttpServer.listen({
    app,
    lines: { queuedOfAddress: 100, queuedInAll: 100 },
    admit: () => 'here',
    host: '127.0.0.1',
    port: 0,
    shutdownSeconds: 300,
    beforeClosing: async () => {},
    answerWaiting: async () => answerHeld(),
    observeBroken: () => {},
    ...options,
  });

const clients: KeptAlive[] = [];
const client = async ({ port }: HttpServer): Promise<KeptAlive> => {
  const made = await KeptAlive.to(port);
  clients.push(made);
  return made;
};
beforeEach(() => {
  [held, served] = [[], []];
});
afterEach(() => {
  for (const { socket } of clients.splice(0)) socket.destroy();
});

describe('a server that stops', () => {
  test('answers what is open, says that the connection ends, and ends it', async () => {
    const server = await listen();
    const waiting = await client(server);
    const idle = await client(server);
    idle.ask('/quick');
    waiting.ask('/held');
    await waitUntil('both', () => held.length === 1 && idle.text.includes('ok'));
    await server.close();
    await waitUntil('the ends', () => waiting.ended && idle.ended);
    expect(waiting.text).toMatch(/200 OK.*connection: close.*answered/is);
  });

  test('takes no further request of a connection that was there before', async () => {
    const server = await listen({ answerWaiting: async () => {} });
    const waiting = await client(server);
    waiting.ask('/held');
    await waitUntil('the request', () => held.length === 1);
    const other = await client(server);
    // The head of a request is on its way when the stop begins.
    other.socket.write('GET /late HTTP/1.1\r\n');
    await new Promise((resolve) => setImmediate(resolve));
    const closed = server.close();
    await new Promise((resolve) => setImmediate(resolve));
    other.socket.write('Host: here\r\n\r\n');
    await waitUntil('the refusal', () => other.ended);
    expect(served).toEqual(['/held']);
    if (other.text !== '') expect(other.text).toMatch(/503.*connection: close.*"code":"UNAVAILABLE"/is);
    answerHeld();
    await closed;
    await waitUntil('the answer', () => waiting.ended);
    expect(waiting.text).toContain('answered');
  });

  test('ends what it asks of itself before the door closes', async () => {
    const order: string[] = [];
    const server: HttpServer = await listen({
      beforeClosing: async () => {
        const answer = await fetch(`http://127.0.0.1:${server.port}/own`);
        order.push(`asked itself: ${answer.status}`);
      },
      answerWaiting: async () => void order.push('answered'),
    });
    await server.close();
    expect(order).toEqual(['asked itself: 200', 'answered']);
  });

  test.each([
    ['an answer that never comes', {}],
    ['a hook that never ends', { beforeClosing: () => new Promise<void>(() => {}) }],
    ['one that fails', { beforeClosing: () => Promise.reject(new Error('no')) }],
    ['somebody who cannot answer', { answerWaiting: () => Promise.reject(new Error('no')) }],
  ])('is not kept by %s', async (_, options) => {
    const server = await listen({ answerWaiting: async () => {}, shutdownSeconds: 1, ...options });
    const waiting = await client(server);
    waiting.ask('/held');
    await waitUntil('the request', () => held.length === 1);
    await server.close();
    await waitUntil('the end', () => waiting.ended);
  });
});
