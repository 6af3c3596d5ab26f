// The calls that write: batch append, append, delete and tombstone, with the faults that are set for them.

import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  status as Code,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js';
import {
  badRequestReply,
  batchReply,
  callError,
  notReadyReply,
  proposedOf,
  streamDeleted,
  streamNameOf,
  timeoutReply,
} from './messages.ts';
import type { Node } from './node.ts';
import type { Expectation, Written } from './server-log.ts';
import type { ProposedRecord } from './server-record.ts';

/** In the contract these options have different types on the batch path and on the others. */
type ExpectedOptions = {
  hasNoStream(): boolean;
  hasAny(): boolean;
  hasStreamExists?(): boolean;
  getStreamPosition?(): string;
  getRevision?(): string;
};

const expectationOf = (options: ExpectedOptions): Expectation => {
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists?.() === true) return 'exists';
  if (options.hasNoStream()) return -1;
  return Number(options.getStreamPosition?.() ?? options.getRevision?.());
};

type Pending = {
  readonly stream: string;
  readonly expected: Expectation;
  readonly events: (ProposedRecord | undefined)[];
};

export const batchAppend =
  (node: Node) =>
  (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void => {
    node.called('BatchAppend');
    const unfinished = new Map<string, Pending>();
    let refused: ServiceError | undefined;
    const answer = (reply: BatchAppendResp): void => {
      if (!call.cancelled && !call.destroyed) call.write(reply);
    };
    call.on('error', () => {});
    call.on('end', () => call.end());
    call.on('data', (request: BatchAppendReq) => {
      refused ??= node.refusal(call.metadata);
      if (refused !== undefined) {
        if (!call.destroyed) call.emit('error', refused);
        return;
      }
      const key = request.getCorrelationId()?.getString() ?? '';
      const options = request.getOptions();
      if (options !== undefined) {
        const stream = streamNameOf(options.getStreamIdentifier());
        unfinished.set(key, { stream, expected: expectationOf(options), events: [] });
      }
      const pending = unfinished.get(key);
      if (pending === undefined) return;
      for (const message of request.getProposedMessagesList()) pending.events.push(proposedOf(message));
      if (!request.getIsFinal()) return;
      unfinished.delete(key);
      finish(node, request, pending, answer);
    });
  };

const finish = (
  node: Node,
  request: BatchAppendReq,
  pending: Pending,
  answer: (reply: BatchAppendResp) => void,
): void => {
  const { stream, expected } = pending;
  const { faults } = node;
  if (faults.take('notReady')) {
    answer(notReadyReply(request, stream));
    return;
  }
  const events = pending.events.filter((event) => event !== undefined);
  if (events.length < pending.events.length || stream === '') {
    answer(badRequestReply(request, stream));
    node.later(2_000, () => answer(badRequestReply(request, stream)));
    return;
  }
  if (node.log.isSoftDeleted(stream) && faults.take('brokenRevival')) {
    node.log.revive(stream);
    node.dropConnections();
    return;
  }
  const drop = faults.takeDrop();
  if (drop === 'before') {
    node.dropConnections();
    return;
  }
  const written: Written = faults.take('wrongRevision')
    ? { kind: 'wrongRevision', actual: node.log.lastRevision(stream) }
    : node.log.append(stream, expected, events);
  const reply = faults.take('timeoutAfterCommit')
    ? timeoutReply(request, stream)
    : batchReply(request, stream, expected, written);
  const silent = faults.take('silentAppends');
  const second = faults.take('secondReply');
  const send = (): void => {
    if (drop === 'after') node.dropConnections();
    if (drop === 'after' || silent) return;
    answer(reply);
    if (second) answer(badRequestReply(request, stream));
  };
  const delayMs = faults.valueOf('delayMs');
  node.log.durable().then(
    () => (delayMs > 0 ? node.later(delayMs, send) : send()),
    () => answer(notReadyReply(request, stream)),
  );
};

/** The older call: a stream of messages makes one append. The client uses it for a call with its own credentials. */
export const append =
  (node: Node) =>
  (
    call: ServerReadableStream<InstanceType<typeof streams.AppendReq>, InstanceType<typeof streams.AppendResp>>,
    done: sendUnaryData<InstanceType<typeof streams.AppendResp>>,
  ): void => {
    node.called('Append');
    const refused = node.refusal(call.metadata);
    if (refused !== undefined) {
      done(refused);
      return;
    }
    let pending: Pending | undefined;
    call.on('error', () => {});
    call.on('data', (request: InstanceType<typeof streams.AppendReq>) => {
      const options = request.getOptions();
      const message = request.getProposedMessage();
      if (options !== undefined)
        pending = { stream: streamNameOf(options.getStreamIdentifier()), expected: expectationOf(options), events: [] };
      else if (message !== undefined) pending?.events.push(proposedOf(message));
    });
    call.on('end', () => {
      const events = pending?.events.filter((event) => event !== undefined) ?? [];
      if (pending === undefined || pending.stream === '' || events.length < pending.events.length) {
        done(callError(Code.INVALID_ARGUMENT, 'BadRequest'));
        return;
      }
      const written = node.log.append(pending.stream, pending.expected, events);
      const { stream } = pending;
      node.log.durable().then(
        () => {
          const failed = failureOf(written, stream);
          if (failed !== undefined) done(failed);
          else done(null, appendReply(written));
        },
        (error: unknown) => done(callError(Code.INTERNAL, String(error))),
      );
    });
  };

const failureOf = (written: Written, stream: string): ServiceError | undefined => {
  if (written.kind === 'deleted') return streamDeleted(stream);
  if (written.kind === 'tooLarge')
    return callError(Code.INVALID_ARGUMENT, 'Maximum Append Size Exceeded', 'maximum-append-size-exceeded', {
      'maximum-append-size': String(written.maxBytes),
    });
  return undefined;
};

const appendReply = (written: Written): InstanceType<typeof streams.AppendResp> => {
  const reply = new streams.AppendResp();
  if (written.kind === 'wrongRevision') {
    const wrong = new streams.AppendResp.WrongExpectedVersion();
    if (written.actual < 0) wrong.setCurrentNoStream(new shared.Empty());
    else wrong.setCurrentRevision(String(written.actual));
    return reply.setWrongExpectedVersion(wrong);
  }
  const success = new streams.AppendResp.Success();
  if (written.kind === 'written') {
    if (written.revision < 0) success.setNoStream(new shared.Empty());
    else success.setCurrentRevision(String(written.revision));
    const position = String(written.position ?? 0);
    success.setPosition(new streams.AppendResp.Position().setCommitPosition(position).setPreparePosition(position));
  }
  return reply.setSuccess(success);
};

/** The numbers that EventStoreDB's own messages use for expectations that are none. */
const numberOf = (expected: Expectation): number =>
  typeof expected === 'number' ? expected : expected === 'any' ? -2 : -4;

const deleteConflict = (stream: string, expected: number, actual: number): ServiceError =>
  callError(
    Code.FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${actual}`,
    'wrong-expected-version',
    { 'stream-name': stream, 'expected-version': String(expected), 'actual-version': String(actual) },
  );

type DeleteRequest = {
  getOptions():
    | (ExpectedOptions & { getStreamIdentifier(): { getStreamName_asU8(): Uint8Array } | undefined })
    | undefined;
};

const removing =
  <Reply>(node: Node, remove: (stream: string, expected: Expectation) => Written, reply: (position: string) => Reply) =>
  (call: ServerUnaryCall<DeleteRequest, Reply>, done: sendUnaryData<Reply>): void => {
    const refused = node.refusal(call.metadata);
    if (refused !== undefined) {
      done(refused);
      return;
    }
    const options = call.request.getOptions();
    if (options === undefined) {
      done(callError(Code.INVALID_ARGUMENT, 'no options'));
      return;
    }
    const stream = streamNameOf(options.getStreamIdentifier());
    const expected = expectationOf(options);
    const written = remove(stream, expected);
    const failed =
      written.kind === 'wrongRevision'
        ? deleteConflict(stream, numberOf(expected), written.actual)
        : failureOf(written, stream);
    if (failed !== undefined) {
      done(failed);
      return;
    }
    const position = written.kind === 'written' ? String(written.position ?? 0) : '0';
    node.log.durable().then(
      () => done(null, reply(position)),
      (error: unknown) => done(callError(Code.INTERNAL, String(error))),
    );
  };

export const deleteStream = (node: Node) =>
  removing(
    node,
    (stream, expected) => node.log.softDelete(stream, expected),
    (position) =>
      new streams.DeleteResp().setPosition(
        new streams.DeleteResp.Position().setCommitPosition(position).setPreparePosition(position),
      ),
  );

export const tombstone = (node: Node) =>
  removing(
    node,
    (stream, expected) => node.log.tombstone(stream, expected),
    (position) =>
      new streams.TombstoneResp().setPosition(
        new streams.TombstoneResp.Position().setCommitPosition(position).setPreparePosition(position),
      ),
  );
