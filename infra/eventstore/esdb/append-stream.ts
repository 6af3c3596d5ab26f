// One batch append call to the server: many appends in flight, each answered by its correlation id. It never rejects;
// an unknown outcome is an answer too.
import { randomUUID } from 'node:crypto';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { BatchAppendCall, BatchingClient } from './batching-client.ts';
import { asClientError, messageOf, wasNeverSent } from './errors.ts';
import type { EncodedEvent } from './event-codec.ts';
import { toldNumber } from './positions.ts';

export type SingleAppend = {
  readonly stream: string;
  /** -1 demands that the stream does not exist. */
  readonly expected: number | 'any';
  readonly events: readonly EncodedEvent[];
};

/**
 * `written` may lack the position. `unknown`: it was written, or not, or still will be. `notSent`: it was not written
 * and will not be.
 */
export type Answer =
  | { readonly kind: 'written'; readonly revision: number; readonly position: number | undefined }
  | { readonly kind: 'conflict'; readonly actual: number }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'tooLarge'; readonly maxBytes: number }
  | { readonly kind: 'denied' }
  | { readonly kind: 'notSent' | 'unknown'; readonly error: unknown };

type Waiting = { readonly answer: (answer: Answer) => void; readonly timer: NodeJS.Timeout };

export class AppendStream {
  readonly client: BatchingClient;
  readonly #call: BatchAppendCall;
  readonly #waiting = new Map<string, Waiting>();
  #broken: unknown;

  private constructor(client: BatchingClient, call: BatchAppendCall) {
    this.client = client;
    this.#call = call;
    call.on('data', (reply: BatchAppendResp) => this.#take(reply));
    call.on('error', (error) => this.#break(asClientError(error)));
    call.on('end', () => this.#break(new Error('the server ended the append stream')));
  }

  static async open(client: BatchingClient): Promise<AppendStream> {
    return new AppendStream(client, await client.openBatchAppend());
  }

  /** The reason why nothing more can be sent on this call; undefined while it works. */
  get broken(): unknown {
    return this.#broken;
  }

  /** Answers after `timeoutMs` at the latest; a later reply is ignored. */
  send({ stream, expected, events }: SingleAppend, timeoutMs: number): Promise<Answer> {
    if (this.#broken !== undefined) return Promise.resolve({ kind: 'notSent', error: this.#broken });
    const id = randomUUID();
    // Without the server's own deadline, which would compare our clock with the server's.
    const options = new streams.BatchAppendReq.Options().setStreamIdentifier(
      new shared.StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8')),
    );
    if (expected === 'any') options.setAny(new empty.Empty());
    else if (expected < 0) options.setNoStream(new empty.Empty());
    else options.setStreamPosition(String(expected));
    const request = new streams.BatchAppendReq()
      .setCorrelationId(new shared.UUID().setString(id))
      .setOptions(options)
      .setProposedMessagesList(events.map(({ message }) => message))
      .setIsFinal(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        resolve({ kind: 'unknown', error: new Error(`no answer within ${timeoutMs} ms`) });
      }, timeoutMs);
      this.#waiting.set(id, { answer: resolve, timer });
      this.#call.write(request);
    });
  }

  /** Ends the call; appends without an answer get `unknown`. */
  end(why: unknown): void {
    this.#break(why);
    this.#call.cancel();
  }

  #take(reply: BatchAppendResp): void {
    const id = textOf(reply.getCorrelationId());
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.answer(answerOf(reply));
  }

  #break(error: unknown): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    const kind = wasNeverSent(error) ? 'notSent' : 'unknown';
    for (const { answer, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      answer({ kind, error });
    }
    this.#waiting.clear();
  }
}

type Uuid = NonNullable<ReturnType<BatchAppendResp['getCorrelationId']>>;

/** The UUID as text; servers send it as text or as two halves of 64 bits. */
const textOf = (id: Uuid | undefined): string => {
  const halves = id?.getStructured();
  if (id === undefined || !id.hasStructured() || halves === undefined) return id?.getString() ?? '';
  const hex = (bits: string): string => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0');
  return (hex(halves.getMostSignificantBits()) + hex(halves.getLeastSignificantBits())).replace(
    /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  );
};

const answerOf = (reply: BatchAppendResp): Answer => {
  const success = reply.getSuccess();
  if (success !== undefined) {
    const revision = success.hasCurrentRevision() ? toldNumber(success.getCurrentRevision()) : -1;
    if (revision === undefined)
      return { kind: 'unknown', error: new Error(`EventStoreDB answered revision ${success.getCurrentRevision()}`) };
    return { kind: 'written', revision, position: toldNumber(success.getPosition()?.getCommitPosition()) };
  }
  const details = reply.getError()?.getDetails();
  const text = reply.getError()?.getMessage() ?? 'no result';
  switch (details?.getTypeName()) {
    case 'event_store.client.WrongExpectedVersion': {
      const wrong = shared.WrongExpectedVersion.deserializeBinary(details.getValue_asU8());
      const actual = wrong.hasCurrentStreamRevision() ? toldNumber(wrong.getCurrentStreamRevision()) : -1;
      // Only a deleted stream has no revision that can be told.
      return actual === undefined ? { kind: 'deleted' } : { kind: 'conflict', actual };
    }
    case 'event_store.client.StreamDeleted':
      return { kind: 'deleted' };
    case 'event_store.client.AccessDenied':
      return { kind: 'denied' };
    case 'event_store.client.MaximumAppendSizeExceeded': {
      const exceeded = shared.MaximumAppendSizeExceeded.deserializeBinary(details.getValue_asU8());
      return { kind: 'tooLarge', maxBytes: exceeded.getMaxappendsize() };
    }
    default:
      return {
        kind: 'unknown',
        error: new Error(`EventStoreDB answered ${text} ${messageOf(details?.getTypeName())}`),
      };
  }
};
