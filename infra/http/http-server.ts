// The listening server. Its stop refuses new requests, answers those who wait, and finishes open requests.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Problem } from '@railhead/http/problem.ts';
import { errorCode } from '../timetable/error-code.ts';
import { answerBrokenRequests, type ObserveBroken, refuse } from './broken-requests.ts';
import { Entrance, type EntranceLimits } from './entrance.ts';

export type HttpServerOptions = {
  readonly app: RequestListener;
  /** Requests that may be in line, of one address and of all. */
  readonly lines: EntranceLimits;
  /** The line of a request. Throws the `Problem` of one that is not let in. */
  readonly admit: (request: IncomingMessage, response: ServerResponse) => string;
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** How long a stop waits for open requests. */
  readonly shutdownSeconds: number;
  /** Ends what this process asks of itself, while that is still answered. */
  readonly beforeClosing: () => Promise<void>;
  /** Lets everybody who waits for something hear now what is known of it. */
  readonly answerWaiting: () => Promise<void>;
  /** Told of requests that are none, which `app` never sees. */
  readonly observeBroken: ObserveBroken;
};

/** The address is none of this machine's, or this user may not have the port. */
export class ListenError extends Error {
  readonly code = 'LISTEN_REFUSED';
}

/** Who has the port may leave it; everything else is wrong in the configuration. */
const listenError = (error: unknown, { host, port }: { readonly host: string; readonly port: number }): unknown =>
  errorCode(error) === 'EADDRINUSE'
    ? error
    : new ListenError(`cannot listen on port ${port} of ${host}: ${errorCode(error) ?? String(error)}`, {
        cause: error,
      });

export class HttpServer {
  readonly #server: Server;
  readonly #options: HttpServerOptions;
  readonly #open = new Set<ServerResponse>();
  readonly #entrance: Entrance;
  #isClosing = false;

  private constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#entrance = new Entrance(options.app, options.lines);
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  /** Throws `EADDRINUSE` as it is, and `ListenError` where nobody could listen. */
  static async listen(options: HttpServerOptions): Promise<HttpServer> {
    const made = new HttpServer(options);
    answerBrokenRequests(made.#server, options.observeBroken);
    made.#server.listen(options.port, options.host);
    try {
      await once(made.#server, 'listening');
    } catch (error) {
      throw listenError(error, options);
    }
    return made;
  }

  get port(): number {
    // A server that listens on a port has an address of this kind.
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const { beforeClosing, answerWaiting, shutdownSeconds } = this.#options;
    let impatient: NodeJS.Timeout | undefined;
    const timeIsUp = new Promise<void>((resolve) => {
      impatient = setTimeout(resolve, shutdownSeconds * 1_000);
    });
    await Promise.race([beforeClosing().catch(() => {}), timeIsUp]);
    this.#isClosing = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    // A connection that stays would bring the next request.
    for (const response of this.#open) if (!response.headersSent) response.setHeader('Connection', 'close');
    this.#server.closeIdleConnections();
    // Not waited for: who is not answered in time is cut off.
    answerWaiting().catch(() => {});
    void timeIsUp.then(() => this.#server.closeAllConnections());
    await closed;
    clearTimeout(impatient);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isClosing) {
      // It came by a connection that was there before.
      refuse(
        request,
        response,
        new Problem('UNAVAILABLE', 'this process stops; ask again', {}, { Connection: 'close' }),
      );
      return;
    }
    this.#open.add(response);
    response.once('close', () => {
      this.#open.delete(response);
      if (this.#isClosing) this.#server.closeIdleConnections();
    });
    const problem = this.#letIn(request, response);
    if (problem === undefined) return;
    this.#options.observeBroken(problem.status);
    refuse(request, response, problem);
  }

  #letIn(request: IncomingMessage, response: ServerResponse): Problem | undefined {
    try {
      const full = this.#entrance.serve(this.#options.admit(request, response), request, response);
      if (full === 'address')
        return new Problem('RATE_LIMITED', 'this address asks faster than it is answered', { policy: full }, TRY_AGAIN);
      return full && new Problem('OVERLOADED', 'more is asked than can be answered', {}, TRY_AGAIN);
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  }
}

const TRY_AGAIN = { 'Retry-After': '1' };
