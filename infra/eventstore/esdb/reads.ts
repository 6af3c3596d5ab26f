// Reads with a time limit that is ours, begun again where they stood when the connection fails under them.
import {
  BACKWARDS,
  END,
  FORWARDS,
  type ResolvedEvent,
  START,
  type StreamingRead,
  StreamNotFoundError,
} from '@eventstore/db-client';
import {
  EventStoreError,
  fingerprintOf,
  type Position,
  type ReadStreamOptions,
  type RecordedEvent,
} from '@railhead/commands/ports/event-store.ts';
import { backOffMs, monotonicMs, pause } from './back-off.ts';
import { type BatchingClient, letGo } from './batching-client.ts';
import type { ClientHolder } from './client-holder.ts';
import { isDomainError, isNoEventThere, notOfThisLog, toStoreError } from './errors.ts';
import { decodeEvent, isSystemEvent } from './event-codec.ts';
import { assertPosition, isPosition, toldNumber } from './positions.ts';
import type { EsdbObserver, EsdbSettings } from './settings.ts';

type AllEvent = {
  readonly event?: { readonly streamId: string; readonly type: string };
  readonly commitPosition?: bigint;
};

export type RawPage = {
  readonly events: readonly RecordedEvent[];
  /** The position of the last event read, a system event or not. */
  readonly position: Position;
  readonly complete: boolean;
};

/** Events read in one step backwards in search of the newest one that is not a system event. */
const STEP_BACK = 500;

export class Reads {
  readonly #clients: ClientHolder;
  readonly #settings: EsdbSettings;
  readonly #observer: EsdbObserver;

  constructor(clients: ClientHolder, settings: EsdbSettings, observer: EsdbObserver) {
    this.#clients = clients;
    this.#settings = settings;
    this.#observer = observer;
  }

  async stream(stream: string, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    const { limit, direction } = options;
    const events: RecordedEvent[] = [];
    const backwards = direction === 'backwards';
    const from = backwards || options.from === undefined ? options.from : Math.max(0, options.from);
    const wanted = Math.min(limit ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    if (wanted <= 0 || (from !== undefined && from < 0)) return [];
    await this.#insist(`reading ${stream}`, async (client) => {
      const last = events.at(-1)?.revision;
      if (last !== undefined && (events.length >= wanted || (backwards && last === 0))) return;
      const next = last === undefined ? from : last + (backwards ? -1 : 1);
      const read = client.readStream(stream, {
        fromRevision: next === undefined ? (backwards ? END : START) : BigInt(next),
        direction: backwards ? BACKWARDS : FORWARDS,
        maxCount: wanted - events.length,
      });
      await this.#pull(client, read, (resolved) => {
        const event = decodeEvent(resolved);
        if (event !== undefined) events.push(inOrder(events.at(-1), event, backwards ? -1 : 1));
      }).catch((error: unknown) => {
        if (!(error instanceof StreamNotFoundError)) throw error;
      });
    });
    return backwards && from !== undefined ? this.#fromTheEnd(stream, from, wanted, events) : events;
  }

  /**
   * Backwards, servers count the limit from the revision asked for, also where the stream ends before it: the page has
   * too few events then, or none. `events` is that page; where it falls short, the stream is read from its end.
   */
  async #fromTheEnd(
    stream: string,
    from: number,
    wanted: number,
    events: readonly RecordedEvent[],
  ): Promise<readonly RecordedEvent[]> {
    const first = events[0]?.revision;
    if (first === from || events.length >= wanted) return events;
    const page = await this.stream(stream, { direction: 'backwards', limit: wanted });
    // If the stream goes on beyond `from`, the events before it are hidden, and the first page was right.
    return (page[0]?.revision ?? 0) <= from ? page : events;
  }

  /** The log after a position: at most so many events, system events included. */
  async all(after: Position, limit: number): Promise<RawPage> {
    assertPosition(after);
    const events: RecordedEvent[] = [];
    let position = after;
    let read = 0;
    await this.#insist('reading the log', async (client) => {
      // A read starts at the event of its position, which the caller already has.
      const extra = position > 0 ? 1 : 0;
      const page = client.readAll({
        fromPosition: position > 0 ? { commit: BigInt(position), prepare: BigInt(position) } : START,
        direction: FORWARDS,
        maxCount: limit - read + extra,
      });
      await this.#pull(client, page, (resolved) => {
        const at = placeOf(resolved as AllEvent);
        if (at <= position) return;
        const event = decodeEvent(resolved);
        read += 1;
        position = at;
        if (event !== undefined) events.push(event);
      }).catch((error: unknown) => {
        throw position > 0 && isNoEventThere(error) ? notOfThisLog(position) : error;
      });
    });
    return { events, position, complete: read < limit };
  }

  /**
   * Of whatever event stands there, also one of the server's own. Servers refuse a position where none begins, each
   * version with an error of its own.
   */
  async fingerprintAt(position: Position): Promise<string | undefined> {
    let found: string | undefined;
    await this.#lookAt(position, (event) => {
      const ours = decodeEvent({ event });
      found = ours === undefined ? `${event.id}@${event.created.toISOString()}` : fingerprintOf(ours);
    });
    return found;
  }

  async eventAt(position: Position): Promise<RecordedEvent | undefined> {
    let found: RecordedEvent | undefined;
    await this.#lookAt(position, (event, resolved) => {
      found = decodeEvent({ ...resolved, event });
    });
    return found;
  }

  /** Nothing is looked at where no event begins. */
  async #lookAt(
    position: Position,
    look: (event: NonNullable<ResolvedEvent['event']>, resolved: ResolvedEvent) => void,
  ): Promise<void> {
    if (!isPosition(position) || position === 0) return;
    await this.#insist('looking at a position', async (client) => {
      const at = BigInt(position);
      const page = client.readAll({ fromPosition: { commit: at, prepare: at }, direction: FORWARDS, maxCount: 1 });
      const read = this.#pull(client, page, (resolved) => {
        const { event, commitPosition } = resolved as AllEvent & ResolvedEvent; // what `readAll` brings
        if (event !== undefined && commitPosition === at) look(event, resolved);
      });
      await read.catch((error: unknown) => {
        if (!isNoEventThere(error)) throw error;
      });
    });
  }

  /** Of the newest event, the server's own included; 0 in an empty log. */
  async end(): Promise<Position> {
    let end = 0;
    await this.#insist('looking for the end of the log', async (client) => {
      const page = client.readAll({ fromPosition: END, direction: BACKWARDS, maxCount: 1 });
      await this.#pull(client, page, (resolved) => {
        end = placeOf(resolved as AllEvent);
      });
    });
    return end;
  }

  /** Of the newest event that is not the server's own; 0 for none. Events at or before `known` are not looked at. */
  async lastPosition(known: Position): Promise<Position> {
    let found = 0;
    let from: bigint | undefined;
    for (;;) {
      let seen = 0;
      // A page backwards from a position begins before it.
      let lowest = from ?? 0n;
      await this.#insist('looking for the end of the log', async (client) => {
        seen = 0;
        const page = client.readAll({
          fromPosition: from === undefined ? END : { commit: from, prepare: from },
          direction: BACKWARDS,
          maxCount: from === undefined && known === 0 ? 16 : STEP_BACK,
        });
        await this.#pull(client, page, (resolved) => {
          const { event } = resolved as AllEvent;
          const at = placeOf(resolved as AllEvent);
          seen += 1;
          lowest = BigInt(at);
          if (event !== undefined && !isSystemEvent(event)) found = Math.max(found, at);
        });
      });
      if (found > 0) return found;
      if (seen === 0 || lowest <= BigInt(known)) return known;
      from = lowest;
    }
  }

  /** Takes every event; fails if none arrives for too long. */
  async #pull<Event>(client: BatchingClient, read: StreamingRead<Event>, take: (event: Event) => void): Promise<void> {
    const { readTimeoutMs } = this.#settings;
    let heard = monotonicMs();
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const look = (): void => {
          const left = heard + readTimeoutMs - monotonicMs();
          if (left <= 0) reject(new EventStoreError('STORE_UNAVAILABLE', `a read was silent for ${readTimeoutMs} ms`));
          else timer = setTimeout(look, left);
        };
        timer = setTimeout(look, readTimeoutMs);
        read.on('error', reject);
        read.on('end', () => {
          if (client.isShut)
            reject(new EventStoreError('STORE_UNAVAILABLE', 'the connection was replaced under a read'));
          else resolve();
        });
        read.on('data', (event: Event) => {
          heard = monotonicMs();
          try {
            take(event);
          } catch (error) {
            reject(error);
          }
        });
      });
    } catch (error) {
      letGo(read, () => read.cancel());
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Repeats after a failure that may pass, with pauses, until time is up. */
  async #insist(doing: string, work: (client: BatchingClient) => Promise<void>): Promise<void> {
    const until = monotonicMs() + this.#settings.giveUpAfterMs;
    for (let tries = 0; ; tries += 1) {
      const client = this.#clients.current;
      try {
        return await work(client);
      } catch (error) {
        if (this.#clients.closed) throw new EventStoreError('STORE_CLOSED', 'the event store is closed');
        this.#clients.renew(client, error);
        if (isDomainError(error) || monotonicMs() > until) throw toStoreError(error, doing);
        this.#observer.retried('read');
        await pause(backOffMs(tries, this.#settings));
      }
    }
  }
}

/** Throws `STORE_CORRUPT`: in the log every event has a position. */
const placeOf = ({ event, commitPosition }: AllEvent): Position => {
  const at = toldNumber(commitPosition);
  if (at === undefined)
    throw new EventStoreError('STORE_CORRUPT', `an event of ${event?.streamId} has position ${commitPosition}`);
  return at;
};

const inOrder = (before: RecordedEvent | undefined, event: RecordedEvent, step: 1 | -1): RecordedEvent => {
  if (before !== undefined && event.revision !== before.revision + step)
    throw new EventStoreError(
      'STORE_CORRUPT',
      `${event.stream} goes from revision ${before.revision} to ${event.revision}`,
    );
  return event;
};
