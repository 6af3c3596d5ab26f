// Housekeeping of single streams: their metadata, soft deletion, truncation, and a request to reclaim their space.
import { ANY } from '@eventstore/db-client';
import type { Appender } from './appender.ts';
import type { ClientHolder } from './client-holder.ts';
import { toStoreError } from './errors.ts';
import type { EsdbSettings } from './settings.ts';

export type StreamLimits = {
  readonly maxCount?: number;
  readonly maxAgeSeconds?: number;
  /** Events before this revision are not read any more. */
  readonly truncateBefore?: number;
};

export class StreamKeeping {
  readonly #clients: ClientHolder;
  readonly #appender: Appender;
  readonly #settings: EsdbSettings;

  constructor(clients: ClientHolder, appender: Appender, settings: EsdbSettings) {
    this.#clients = clients;
    this.#appender = appender;
    this.#settings = settings;
  }

  /** The limits of the stream; empty for a stream without metadata. */
  async limitsOf(stream: string): Promise<StreamLimits> {
    return this.#do(`reading the metadata of ${stream}`, async (deadline) => {
      const { metadata } = await this.#clients.current.getStreamMetadata(stream, { deadline });
      const { maxCount, maxAge, truncateBefore } = metadata ?? {};
      return {
        ...(typeof maxCount === 'number' ? { maxCount } : {}),
        ...(typeof maxAge === 'number' ? { maxAgeSeconds: maxAge } : {}),
        ...(typeof truncateBefore === 'number' ? { truncateBefore } : {}),
      };
    });
  }

  /** Replaces all limits of the stream. */
  async limit(stream: string, { maxCount, maxAgeSeconds, truncateBefore }: StreamLimits): Promise<void> {
    await this.#appender.writeMetadata(stream, {
      ...(maxCount === undefined ? {} : { $maxCount: maxCount }),
      ...(maxAgeSeconds === undefined ? {} : { $maxAge: maxAgeSeconds }),
      ...(truncateBefore === undefined ? {} : { $tb: truncateBefore }),
    });
  }

  /** Hides the events before a revision; the stream's other limits stay. */
  async truncateBefore(stream: string, revision: number): Promise<void> {
    await this.limit(stream, { ...(await this.limitsOf(stream)), truncateBefore: revision });
  }

  /** Soft deletion: the stream reads as empty, and continues at its next revision if it is written again. */
  async softDelete(stream: string): Promise<void> {
    await this.#do(`deleting ${stream}`, async (deadline) => {
      await this.#clients.current.deleteStream(stream, { expectedRevision: ANY, deadline });
    });
  }

  /** Asks the server to reclaim the space of events that nobody can read any more. Needs an operator's rights. */
  async scavenge(): Promise<string> {
    return this.#do('starting a scavenge', (deadline) => this.#clients.current.startScavenge(deadline));
  }

  /** The client obeys deadlines only in some calls, so this limits all of them. */
  async #do<Value>(doing: string, work: (deadlineMs: number) => Promise<Value>): Promise<Value> {
    const { current } = this.#clients;
    const ms = this.#settings.appendTimeoutMs;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    });
    try {
      return await Promise.race([work(ms), late]);
    } catch (error) {
      this.#clients.renew(current, error);
      throw toStoreError(error, doing);
    } finally {
      clearTimeout(timer);
    }
  }
}
