// The listening server. It ends politely: no new connections, an answer for all who wait, the end of every open request.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HttpServerOptions = {
  readonly app: RequestListener;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** How long a stop waits for open requests. */
  readonly shutdownSeconds: number;
  /** Lets everybody who waits for something hear now what is known of it. */
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
    // A server that listens on a port has an address of this kind.
    this.port = (server.address() as AddressInfo).port;
    // A connection stays open for the next request, for which a server that stops does not wait.
    server.on('request', (_, response) =>
      response.once('close', () => {
        if (this.#isClosing) server.closeIdleConnections();
      }),
    );
  }

  /** Throws what listening throws, such as `EADDRINUSE`. */
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
