// One client, which is replaced when it may be beyond recovery. Whoever shares it shares its end: what is in flight on
// the old client is broken off.
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { type BatchingClient, openClient } from './batching-client.ts';
import type { Connection } from './connection-string.ts';
import { isOfTheCall, messageOf } from './errors.ts';
import type { EsdbObserver } from './settings.ts';

/** The most replaced clients that are still closing; while a server is down they must not pile up. */
const MAX_ENDING = 16;

export class ClientHolder {
  readonly #connection: Connection;
  readonly #observer: EsdbObserver;
  readonly #ending = new Set<Promise<void>>();
  #client: BatchingClient;
  #closed = false;

  constructor(connection: Connection, observer: EsdbObserver) {
    this.#connection = connection;
    this.#observer = observer;
    this.#client = openClient(connection);
  }

  get current(): BatchingClient {
    if (this.#closed) throw new EventStoreError('STORE_CLOSED', 'the event store is closed');
    return this.#client;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Replaces a client that failed, unless another call already did so or the failure is not the client's. A client
   * remembers a failed probe of the server's features for ever, and a dead connection for 20 seconds. The server's
   * answer to one call, such as ending a subscription that was too slow, says nothing against the client.
   */
  renew(failed: BatchingClient, error: unknown): void {
    if (this.#closed || failed !== this.#client || isOfTheCall(error)) return;
    this.#client = openClient(this.#connection);
    this.#observer.clientRenewed(messageOf(error));
    this.#end(failed);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#end(this.#client);
    await Promise.all(this.#ending);
  }

  #end(client: BatchingClient): void {
    if (this.#ending.size >= MAX_ENDING) this.#ending.clear();
    const ending = client.shut().catch(() => {});
    this.#ending.add(ending);
    ending.then(() => this.#ending.delete(ending));
  }
}
