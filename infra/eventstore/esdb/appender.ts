// Writes appends, each to one stream, until each has a known outcome. For an append without an answer the stream is
// searched for its event ids; if they are missing, it is sent again. The same ids at the same revision are written
// once.
import {
  type AppendResult,
  assertAppendable,
  EventStoreError,
  type ExpectedRevision,
  revisionMatches,
  type StreamAppend,
} from '@railhead/commands/ports/event-store.ts';
import { repeatRevision } from '../repeats.ts';
import { type Answer, AppendStream, type SingleAppend } from './append-stream.ts';
import { backOffMs, monotonicMs, pause } from './back-off.ts';
import type { ClientHolder } from './client-holder.ts';
import { asClientError, isDomainError, messageOf, toStoreError, wasNeverSent } from './errors.ts';
import { type EncodedEvent, encodeEvent, encodeStreamMetadata } from './event-codec.ts';
import { Flight } from './flight.ts';
import type { Reads } from './reads.ts';
import type { EsdbObserver, EsdbSettings } from './settings.ts';

/** Where no exact revision is expected, a repeat is looked for among so many of the newest events. */
const TAIL = 256;
/** Attempts when other writers append after the stream's end was read. */
const MAX_RACES = 50;

type Prepared = {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly ids: readonly string[];
  readonly encoded: readonly EncodedEvent[];
};
/**
 * The place of an append in its call. The appends of a call are sent in the order given, without waiting for answers: on
 * one connection the server writes them in that order. Once one has failed, each waits until those `before` it have an
 * outcome (`oneByOne`), so that the log keeps the order. So it is from the beginning if one has to go in parts.
 */
type Turn = {
  readonly call: { oneByOne: boolean };
  readonly before: Promise<unknown>;
  /** The append before it to the same stream. */
  readonly sameStream: Lane | undefined;
};
/** `exact`: it and all before it name the revision they expect, so the next that does so need not wait for it. */
type Lane = { readonly done: Promise<unknown>; readonly exact: boolean };
type Part = SingleAppend & { readonly expected: number };
/** `repeated`: it is known that it was written before; without it, its position tells. */
type Written = { readonly revision: number; readonly position: number; readonly repeated?: true };
type Outcome = ({ readonly kind: 'written' } & Written) | { readonly kind: 'conflict'; readonly actual: number };

export class Appender {
  readonly #clients: ClientHolder;
  readonly #reads: Reads;
  readonly #settings: EsdbSettings;
  readonly #observer: EsdbObserver;
  readonly #flight: Flight;
  /**
   * The newest position known here when an append begins. An append whose events are not newer than that is a repeat.
   */
  readonly #newest: { position: number };
  #stream: Promise<AppendStream> | undefined;

  constructor(
    parts: { readonly clients: ClientHolder; readonly reads: Reads; readonly newest: { position: number } },
    settings: EsdbSettings,
    observer: EsdbObserver,
  ) {
    this.#clients = parts.clients;
    this.#reads = parts.reads;
    this.#newest = parts.newest;
    this.#settings = settings;
    this.#observer = observer;
    this.#flight = new Flight(settings, (appends) => observer.inFlight(appends));
  }

  async append(appends: readonly StreamAppend[]): Promise<readonly AppendResult[]> {
    assertAppendable(appends);
    // The server would write two events, and a repeat of the append would not be recognised.
    for (const { stream, events } of appends)
      if (new Set(events.map(({ id }) => id)).size < events.length)
        throw new EventStoreError('BAD_EVENT', `an event id stands twice in an append to ${stream}`);
    const prepared = appends.map(({ stream, expected, events }) => ({
      stream,
      expected,
      ids: events.map(({ id }) => id),
      encoded: events.map(encodeEvent),
    }));
    this.#flight.assertRoom(prepared.length);
    const call = {
      oneByOne: prepared.some(({ encoded }) => partsOf(encoded, this.#settings.maxAppendBytes).length > 1),
    };
    const lanes = new Map<string, Lane>();
    let before: Promise<unknown> = Promise.resolve();
    const results: Promise<AppendResult>[] = [];
    for (const append of prepared) {
      const sameStream = lanes.get(append.stream);
      const mine = this.#appendOne(append, { call, before, sameStream });
      results.push(mine);
      before = mine.catch(() => {});
      const exact = typeof revisionOf(append.expected) === 'number' && sameStream?.exact !== false;
      lanes.set(append.stream, { done: before, exact });
    }
    return resultsOf(await Promise.allSettled(results));
  }

  async #appendOne(append: Prepared, turn: Turn): Promise<AppendResult> {
    const known = this.#newest.position;
    const { sameStream } = turn;
    const revision = revisionOf(append.expected);
    if (revision === undefined || sameStream?.exact === false) await sameStream?.done;
    if (revision === undefined) return this.#appendAnywhere(append, known, turn);
    const result = await this.#appendAt(append, revision, known, turn);
    // Sent while the append before it to the same stream was on its way, and perhaps lost: only now it is known.
    if (result.ok || sameStream === undefined) return result;
    await sameStream.done;
    return this.#appendAt(append, revision, known, turn);
  }

  /**
   * Reads the stream's end and appends there. The server's own `any` would write a repeat again once it forgot the ids.
   */
  async #appendAnywhere(append: Prepared, known: number, turn: Turn): Promise<AppendResult> {
    const { stream, expected, ids } = append;
    for (let races = 0; races < MAX_RACES; races += 1) {
      const tail = [
        ...(await this.#reads.stream(stream, { direction: 'backwards', limit: TAIL + ids.length })),
      ].reverse();
      const actual = tail.at(-1)?.revision ?? -1;
      const first = tail[0]?.revision ?? 0;
      const repeated = repeatRevision(expected, actual, ids, (from, limit) =>
        tail.slice(Math.max(0, from - first), Math.max(0, from - first) + limit).map(({ id }) => id),
      );
      const there = repeated === undefined ? undefined : tail.find(({ revision }) => revision === repeated);
      if (there !== undefined) return { ok: true, revision: there.revision, position: there.position, repeated: true };
      if (!revisionMatches(expected, actual)) return { ok: false, code: 'WRONG_REVISION', actual };
      const result = await this.#appendAt(append, actual, known, turn);
      if (result.ok || result.code !== 'WRONG_REVISION') return result;
      // A soft-deleted stream reads as missing, but continues at its last revision.
      if (actual < 0 && result.actual >= 0) {
        const again = await this.#appendAt(append, result.actual, known, turn);
        if (again.ok) return again;
      }
      await pause(backOffMs(races, this.#settings));
    }
    throw new EventStoreError('STORE_OVERLOADED', `other writers of ${stream} were faster ${MAX_RACES} times`);
  }

  async #appendAt(
    { stream, encoded, ids }: Prepared,
    expected: number,
    known: number,
    turn: Turn,
  ): Promise<AppendResult> {
    let last: Written = { revision: expected, position: 0 };
    for (const { from, to } of partsOf(encoded, this.#settings.maxAppendBytes)) {
      const part: Part = { stream, expected: last.revision, events: encoded.slice(from, to) };
      const outcome = await this.#insist(part, ids.slice(from, to), turn);
      if (outcome.kind === 'conflict') {
        this.#observer.conflicted();
        if (from === 0) return { ok: false, code: 'WRONG_REVISION', actual: outcome.actual };
        throw new EventStoreError(
          'OUTCOME_UNKNOWN',
          `${from} of ${ids.length} events of ${stream} are written, then another writer came`,
        );
      }
      last = outcome;
    }
    const repeated = last.repeated === true || last.position <= known;
    this.#newest.position = Math.max(this.#newest.position, last.position);
    return { ok: true, revision: last.revision, position: last.position, repeated };
  }

  /** Writes a stream's metadata. Writing it twice is harmless, so it is sent until there is an answer. */
  async writeMetadata(stream: string, limits: Readonly<Record<string, number>>): Promise<void> {
    const append: SingleAppend = { stream: `$$${stream}`, expected: 'any', events: [encodeStreamMetadata(limits)] };
    const started = monotonicMs();
    for (let tries = 0; ; tries += 1) {
      const answer = await this.#send(append);
      if (answer.kind === 'written') return;
      const refused = refusalOf(answer, append.stream);
      if (refused !== undefined) throw refused;
      if (monotonicMs() - started > this.#settings.giveUpAfterMs || this.#clients.closed)
        throw this.#giveUp(append, answer.kind === 'unknown', reasonOf(answer));
      await pause(backOffMs(tries, this.#settings));
    }
  }

  /** Sends until the outcome is known or time is up. */
  async #insist(part: Part, ids: readonly string[], { call, before }: Turn): Promise<Outcome> {
    const started = monotonicMs();
    const bytes = part.events.reduce((sum, event) => sum + event.bytes, 0);
    let sent = false;
    for (let tries = 0; ; tries += 1) {
      let inTurn = false;
      do {
        if (call.oneByOne) {
          await before;
          inTurn = true;
        }
        await this.#flight.enter(bytes);
        // One before it has failed while this one waited for its place.
        if (call.oneByOne && !inTurn) this.#flight.leave(bytes);
      } while (call.oneByOne && !inTurn);
      let answer: Answer;
      try {
        answer = await this.#send(part);
      } finally {
        this.#flight.leave(bytes);
      }
      if (answer.kind === 'unknown' || answer.kind === 'notSent') call.oneByOne = true;
      const outcome = await this.#conclude(part, ids, answer, sent);
      if (outcome !== undefined) {
        this.#observer.appended(monotonicMs() - started, part.events.length);
        return outcome;
      }
      sent ||= answer.kind === 'unknown';
      if (monotonicMs() - started > this.#settings.giveUpAfterMs || this.#clients.closed)
        throw this.#giveUp(part, sent, reasonOf(answer));
      this.#observer.retried('append');
      await pause(backOffMs(tries, this.#settings));
    }
  }

  #giveUp({ stream }: SingleAppend, sent: boolean, error: unknown): EventStoreError {
    if (!sent && this.#clients.closed) return new EventStoreError('STORE_CLOSED', 'the event store is closed');
    if (!sent) return toStoreError(error, `appending to ${stream}`);
    return new EventStoreError('OUTCOME_UNKNOWN', `append to ${stream}: ${messageOf(error)}`, { cause: error });
  }

  /** Undefined: not written, or still unknown; send again. */
  async #conclude(
    part: Part,
    ids: readonly string[],
    answer: Answer,
    sentBefore: boolean,
  ): Promise<Outcome | undefined> {
    const refused = refusalOf(answer, part.stream);
    if (refused !== undefined) throw refused;
    switch (answer.kind) {
      case 'written': {
        const { revision, position } = answer;
        if (position !== undefined) return { kind: 'written', revision, position };
        // A repeat of events that nobody can read any more, because their stream was deleted or truncated since. The
        // server knows them and does not say where they stand: not after the end of the log.
        const there = await this.#lookUp(part, ids);
        if (there?.kind === 'written') return there;
        const end = await this.#reads.lastPosition(this.#newest.position);
        return { kind: 'written', revision, position: end, repeated: true };
      }
      case 'conflict':
        // A conflict may come from an earlier attempt of this same append, written after all. So look for its ids.
        return sentBefore ? ((await this.#lookUp(part, ids)) ?? answer) : answer;
      case 'notSent':
        return undefined;
      case 'unknown':
        this.#observer.outcomeUnknown();
        return this.#lookUp(part, ids).catch((error: unknown) => {
          if (isDomainError(error) && !this.#clients.closed) throw error;
          return undefined;
        });
      default:
        return undefined;
    }
  }

  /** The outcome by the events that are in the stream at the place of these; undefined if there are none. */
  async #lookUp({ stream, expected }: Part, ids: readonly string[]): Promise<Outcome | undefined> {
    const there = await this.#reads.stream(stream, { from: expected + 1, limit: ids.length });
    if (there.length === 0) return undefined;
    const last = there.at(-1);
    if (last !== undefined && there.length === ids.length && there.every(({ id }, index) => id === ids[index]))
      return { kind: 'written', revision: last.revision, position: last.position };
    const [newest] = await this.#reads.stream(stream, { direction: 'backwards', limit: 1 });
    return { kind: 'conflict', actual: newest?.revision ?? -1 };
  }

  async #send(part: SingleAppend): Promise<Answer> {
    const client = this.#clients.closed ? undefined : this.#clients.current;
    if (client === undefined)
      return { kind: 'notSent', error: new EventStoreError('STORE_CLOSED', 'the event store is closed') };
    let stream: AppendStream;
    try {
      stream = await within(this.#open(), this.#settings.appendTimeoutMs);
    } catch (failure) {
      const error = asClientError(failure);
      // No call was open, so nothing was sent.
      this.#stream = undefined;
      this.#clients.renew(client, error);
      return { kind: 'notSent', error };
    }
    const answer = await stream.send(part, this.#settings.appendTimeoutMs);
    if (answer.kind === 'unknown' || answer.kind === 'notSent') this.#abandon(stream, answer.error);
    return answer;
  }

  #open(): Promise<AppendStream> {
    this.#stream ??= this.#openNew();
    return this.#stream;
  }

  async #openNew(): Promise<AppendStream> {
    const client = this.#clients.current;
    await client.serverFeatures();
    return AppendStream.open(client);
  }

  /** Does not use this call again. Its other appends get an unknown outcome. */
  #abandon(stream: AppendStream, error: unknown): void {
    const mine = this.#stream;
    if (mine === undefined) return;
    mine.then(
      (current) => {
        if (current !== stream || this.#stream !== mine) return;
        this.#stream = undefined;
        if (!wasNeverSent(error)) stream.end(error);
        this.#clients.renew(stream.client, error);
      },
      () => {},
    );
  }

  async close(): Promise<void> {
    const stream = await this.#stream?.catch(() => undefined);
    stream?.end(new EventStoreError('STORE_CLOSED', 'the event store is closed'));
  }
}

/** Why an append is sent again, for whoever reads the message of the error at the end. */
const reasonOf = (answer: Answer): unknown =>
  'error' in answer ? answer.error : new Error(`EventStoreDB answers "${answer.kind}"`);

/** An error that no further attempt would change. */
const refusalOf = (answer: Answer, stream: string): EventStoreError | undefined => {
  switch (answer.kind) {
    case 'deleted':
      return new EventStoreError('STREAM_DELETED', `${stream} was deleted for good`);
    case 'denied':
      return new EventStoreError('STORE_ACCESS_DENIED', `EventStoreDB refused the append to ${stream}`);
    case 'tooLarge':
      return new EventStoreError('EVENT_TOO_LARGE', `EventStoreDB takes appends of at most ${answer.maxBytes} bytes`);
    case 'notSent':
      return isDomainError(answer.error) ? toStoreError(answer.error, `appending to ${stream}`) : undefined;
    default:
      return undefined;
  }
};

/** Undefined where no exact revision is expected. */
const revisionOf = (expected: ExpectedRevision): number | undefined => {
  if (expected === 'any' || expected === 'exists') return undefined;
  return expected === 'noStream' ? -1 : expected;
};

/** Splits events into consecutive ranges that fit one append of the server; an event that is too large is alone. */
const partsOf = (events: readonly EncodedEvent[], maxBytes: number): readonly { from: number; to: number }[] => {
  const parts: { from: number; to: number }[] = [];
  let from = 0;
  let bytes = 0;
  for (const [index, event] of events.entries()) {
    if (index > from && bytes + event.bytes > maxBytes) {
      parts.push({ from, to: index });
      from = index;
      bytes = 0;
    }
    bytes += event.bytes;
  }
  parts.push({ from, to: events.length });
  return parts;
};

const within = <Value>(work: Promise<Value>, ms: number): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not connected within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/** If some streams were written and others failed, the call as a whole has an unknown outcome. */
const resultsOf = (outcomes: readonly PromiseSettledResult<AppendResult>[]): readonly AppendResult[] => {
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<AppendResult>).value);
  const wroteSome = outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value.ok);
  if (!wroteSome) throw failed.reason;
  throw new EventStoreError('OUTCOME_UNKNOWN', `written in part: ${messageOf(failed.reason)}`, {
    cause: failed.reason,
  });
};
