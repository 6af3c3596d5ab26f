// The sockets of one pool. A server that stands still keeps its side of a connection open, so that the socket would stay
// for as long as it stands, and the process with it.
import { Socket } from 'node:net';

/** A server that has not taken leave by then is cut off. */
const LEAVE_MS = 1_000;

export class Sockets {
  readonly #open = new Set<Socket>();

  /** One that is not connected yet. Once this side has ended it, it is gone soon. */
  make(): Socket {
    const socket = new Socket();
    this.#open.add(socket);
    let timer: NodeJS.Timeout | undefined;
    socket.once('finish', () => {
      timer = setTimeout(() => socket.destroy(), LEAVE_MS);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      this.#open.delete(socket);
    });
    return socket;
  }

  /** Resolves when all are closed; `leave` has the pool say farewell. */
  async end(leave: () => void): Promise<void> {
    const closed = [...this.#open].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    leave();
    const timer = setTimeout(() => {
      for (const socket of this.#open) socket.destroy();
    }, LEAVE_MS);
    await Promise.all(closed);
    clearTimeout(timer);
  }
}
