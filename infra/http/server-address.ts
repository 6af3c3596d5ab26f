// Where this process is reached. The port may be picked when it listens, so both are known from then on.

/** A server on all addresses of the machine is reached at one of them. */
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

  /** By which this process reaches itself. */
  get own(): string {
    return this.#url(LOOPBACK_OF[this.#host] ?? this.#host);
  }

  /** As people are told. */
  get public(): string {
    return this.#url(this.#host === '127.0.0.1' || this.#host in LOOPBACK_OF ? 'localhost' : this.#host);
  }

  #url(host: string): string {
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
  }
}
