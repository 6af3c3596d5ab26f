// A load generator that costs little compared with the server: connections are kept, requests are prepared bytes, and
// only as much of each answer is read as shows that it is one.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** An answer that takes longer ends the measurement. */
const ANSWER_LIMIT_MS = 15_000;
const HEAD_END = Buffer.from('\r\n\r\n');

export type HttpAnswer = { readonly status: number; readonly body: Buffer };

export type Load = {
  readonly answers: ReadonlyMap<number, number>;
  readonly latenciesMs: Float64Array;
  readonly seconds: number;
  /** The last answer of each status. */
  readonly samples: ReadonlyMap<number, string>;
};

type Target = { readonly port: number; readonly connections: number };

/** The bytes of the `n`-th request; undefined ends the load. */
export type RequestOf = (n: number) => Buffer | undefined;

export const getRequest = (path: string, headers: readonly string[] = []): Buffer =>
  Buffer.from([`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, '', ''].join('\r\n'));

export const postRequest = (path: string, headers: readonly string[], body: string): Buffer =>
  Buffer.from(
    [
      `POST ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...headers,
      '',
      body,
    ].join('\r\n'),
  );

/** One request at a time on one connection. */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: { resolve: (answer: HttpAnswer) => void; reject: (error: Error) => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(ANSWER_LIMIT_MS, () => {
      if (this.#waiting !== undefined) socket.destroy(new Error(`no answer for ${ANSWER_LIMIT_MS} ms`));
    });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed a connection')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  send(request: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#socket.destroyed) this.#fail(new Error('the connection is closed'));
      else this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) {
      this.#socket.destroy(new Error(`an answer without Content-Length: ${head}`));
      return;
    }
    const start = headEnd + HEAD_END.length;
    if (this.#received.length < start + length) return;
    const body = this.#received.subarray(start, start + length);
    this.#received = Buffer.alloc(0);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** Counts the answers by status. */
class Tally {
  readonly #answers = new Map<number, number>();
  readonly #samples = new Map<number, string>();
  readonly #latencies: number[] = [];
  readonly #started = performance.now();

  add({ status, body }: HttpAnswer, sinceMs: number): void {
    this.#latencies.push(performance.now() - sinceMs);
    const count = this.#answers.get(status) ?? 0;
    this.#answers.set(status, count + 1);
    if (count === 0) this.#samples.set(status, body.toString());
  }

  load(): Load {
    return {
      answers: this.#answers,
      samples: this.#samples,
      latenciesMs: Float64Array.from(this.#latencies).sort(),
      seconds: (performance.now() - this.#started) / 1000,
    };
  }
}

const withConnections = async <Value>(
  { port, connections }: Target,
  work: (open: readonly Connection[]) => Promise<Value>,
): Promise<Value> => {
  const open: Connection[] = [];
  try {
    for (let n = 0; n < connections; n += 1) open.push(await Connection.open(port));
    return await work(open);
  } finally {
    for (const connection of open) connection.close();
  }
};

/** Every connection sends its next request as soon as it has its answer. */
export const closedLoop = (target: Target, requestOf: RequestOf): Promise<Load> =>
  withConnections(target, async (open) => {
    const tally = new Tally();
    let n = 0;
    await Promise.all(
      open.map(async (connection) => {
        for (;;) {
          const request = requestOf(n);
          n += 1;
          if (request === undefined) return;
          const asked = performance.now();
          tally.add(await connection.send(request), asked);
        }
      }),
    );
    return tally.load();
  });

/**
 * Requests arrive at random times (Poisson, `perSecond` on average), whether or not earlier ones were answered. Latency
 * counts from the arrival, so that waiting for a free connection counts too.
 */
export const openLoop = (
  target: Target & { readonly perSecond: number; readonly next: () => number },
  requestOf: RequestOf,
): Promise<Load> =>
  withConnections(target, async (open) => {
    const { perSecond, next } = target;
    const gapMs = (): number => (-Math.log(1 - next()) * 1_000) / perSecond;
    const tally = new Tally();
    const idle = [...open];
    const came: { readonly request: Buffer; readonly at: number }[] = [];
    let failure: unknown;
    const dispatch = (): void => {
      while (came.length > 0 && idle.length > 0) {
        // In turn, so that none is idle for so long that the server closes it.
        const [connection, arrival] = [idle.shift(), came.shift()];
        if (connection === undefined || arrival === undefined) return;
        connection.send(arrival.request).then(
          (answer) => {
            tally.add(answer, arrival.at);
            idle.push(connection);
            dispatch();
          },
          (error: unknown) => {
            failure ??= error;
          },
        );
      }
    };
    let n = 0;
    let ended = false;
    for (let due = performance.now() + gapMs(); !ended || came.length > 0 || idle.length < open.length; ) {
      for (; !ended && due <= performance.now(); due += gapMs()) {
        const request = requestOf(n);
        n += 1;
        if (request === undefined) ended = true;
        else came.push({ request, at: due });
      }
      dispatch();
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (failure !== undefined) throw failure;
    }
    return tally.load();
  });
