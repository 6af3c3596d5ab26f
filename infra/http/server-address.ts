// The address of this process. The port may be picked when it starts to listen, so it is known only from then on.

/** A server on all addresses of the machine can be reached at one of these. */
const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

export class ServerAddress {
  readonly #host: string;
  #port: number;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  listensOn(port: number): void {
    this.#port = port;
  }

  /** The URL by which this process reaches itself. */
  get own(): string {
    return this.#url(LOOPBACK_OF[this.#host] ?? this.#host);
  }

  /** The URL for people. */
  get public(): string {
    return this.#url(this.#host === '127.0.0.1' || this.#host in LOOPBACK_OF ? 'localhost' : this.#host);
  }

  #url(host: string): string {
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
  }
}
