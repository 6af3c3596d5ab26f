// The sockets of the test server, and the faults that end or cut a connection.

import { createServer, type Server, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import type { ConnectionInjector } from '@grpc/grpc-js/build/src/server.js';
import type { Faults } from './faults.ts';

export class Wire {
  readonly server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(injector: () => ConnectionInjector | undefined, faults: Faults) {
    this.server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
      injector()?.injectConnection(faults.valueOf('truncatedFrame') > 0 ? throughScissors(socket, faults) : socket);
    });
  }

  /** Ends all connections at once, without sending what is still pending. */
  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.dropAll();
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

/** The HTTP/2 greeting. Cutting it would not be a truncated frame of an answer. */
const GREETING_BYTES = 256;

/** A stream that passes bytes on, and cuts one answer in two when that fault is set. */
const throughScissors = (socket: Socket, faults: Faults): Duplex => {
  const [near, far] = duplexPair();
  let sent = 0;
  socket.pipe(near);
  near.on('data', (chunk: Buffer) => {
    sent += chunk.length;
    if (sent > GREETING_BYTES && chunk.length > 20 && faults.take('truncatedFrame')) {
      socket.end(chunk.subarray(0, Math.floor(chunk.length / 2)));
      setImmediate(() => socket.destroy());
    } else socket.write(chunk);
  });
  near.on('end', () => socket.end());
  for (const stream of [near, far]) stream.on('error', () => {});
  socket.on('close', () => {
    near.destroy();
    far.destroy();
  });
  return far;
};
