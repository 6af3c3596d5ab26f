// A relay between a client and any EventStoreDB, in which connections are lost, fall silent or are slow. It sees bytes and
// no calls, so it works in front of a real server; what only a server can do wrong, the stand-in does when it is told to.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A request of the client is longer; what is shorter is the housekeeping of HTTP/2. */
const REQUEST_BYTES = 100;

type Link = { readonly near: Socket; readonly far: Socket; silent: boolean; dropOnAnswer: boolean };

export class Relay {
  /** Each answer is passed on so many milliseconds later. */
  delayMs = 0;
  /** Of so many requests, one loses its connection: in turn before it is sent, and when its answer comes. 0 for never. */
  dropEvery = 0;
  /** Nothing that the server sends is passed on, also on new connections. */
  mute = false;
  /** Connections lost by `dropEvery` and `dropAll`. */
  drops = 0;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #requests = 0;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer({ noDelay: true }, (near) => this.#link(near, connect({ ...target, noDelay: true })));
  }

  static async to(target: { readonly host: string; readonly port: number }): Promise<Relay> {
    const relay = new Relay(target);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    // Safe cast: a server on a port has such an address.
    return (this.#server.address() as AddressInfo).port;
  }

  dropAll(): void {
    for (const link of this.#links) this.#drop(link);
  }

  /** The present connections stay open and bring no answer any more. New ones are as usual. */
  silence(): void {
    for (const link of this.#links) link.silent = true;
  }

  async stop(): Promise<void> {
    for (const { near, far } of this.#links) for (const socket of [near, far]) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #link(near: Socket, far: Socket): void {
    const link: Link = { near, far, silent: false, dropOnAnswer: false };
    this.#links.add(link);
    near.on('data', (chunk: Buffer) => {
      if (this.#shouldDrop(link, chunk)) this.#drop(link);
      else far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => {
      if (link.dropOnAnswer) this.#drop(link);
      else if (link.silent || this.mute) return;
      else if (this.delayMs > 0) setTimeout(() => near.write(chunk), this.delayMs);
      else near.write(chunk);
    });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => {});
      socket.once('close', () => {
        this.#links.delete(link);
        other.destroy();
      });
    }
  }

  #shouldDrop(link: Link, chunk: Buffer): boolean {
    if (this.dropEvery === 0 || chunk.length < REQUEST_BYTES) return false;
    this.#requests += 1;
    if (this.#requests % this.dropEvery !== 0) return false;
    if ((this.#requests / this.dropEvery) % 2 === 0) return true;
    link.dropOnAnswer = true;
    return false;
  }

  #drop({ near, far }: Link): void {
    this.drops += 1;
    near.destroy();
    far.destroy();
  }
}
