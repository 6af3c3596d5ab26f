// The listening server. Its stop refuses new connections, answers those who wait for news, and finishes open requests.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HttpServerOptions = {
  readonly app: RequestListener;
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** How long a stop waits for open requests. */
  readonly shutdownSeconds: number;
  /** Makes requests that wait for news answer now with what is known. */
  readonly answerWaiting: () => Promise<void>;
};

export class HttpServer {
  readonly port: number;
  readonly #server: Server;
  readonly #options: HttpServerOptions;
  #isClosing = false;

  private constructor(server: Server, options: HttpServerOptions) {
    this.#server = server;
    this.#options = options;
    // Safe cast: a server on a port has such an address.
    this.port = (server.address() as AddressInfo).port;
    // After a stop, a connection is closed as soon as its request is answered instead of staying open for the next one.
    server.on('request', (_, response) =>
      response.once('close', () => {
        if (this.#isClosing) server.closeIdleConnections();
      }),
    );
  }

  /** Throws errors of listening, such as `EADDRINUSE`. */
  static async listen(options: HttpServerOptions): Promise<HttpServer> {
    const server = createServer(options.app);
    server.listen(options.port, options.host);
    await once(server, 'listening');
    return new HttpServer(server, options);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    await this.#options.answerWaiting();
    const impatient = setTimeout(() => this.#server.closeAllConnections(), this.#options.shutdownSeconds * 1_000);
    await closed;
    clearTimeout(impatient);
  }
}
