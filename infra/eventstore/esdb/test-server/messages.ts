// Records and results as messages of the protocol.
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import type { BatchAppendReq, BatchAppendResp, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status as Code, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Message } from 'google-protobuf';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { type Expectation, TOMBSTONE_REVISION, type Written } from './server-log.ts';
import type { ProposedRecord, ServerRecord } from './server-record.ts';

export const streamNameOf = (message: { getStreamName_asU8(): Uint8Array } | undefined): string =>
  Buffer.from(message?.getStreamName_asU8() ?? []).toString('utf8');

const identifierOf = (stream: string) => new shared.StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8'));

const uuidText = (id: UUID | undefined): string => {
  if (id === undefined) return '';
  const structured = id.getStructured();
  if (!id.hasStructured() || structured === undefined) return id.getString();
  const hex = (bits: string): string => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0');
  const text = hex(structured.getMostSignificantBits()) + hex(structured.getLeastSignificantBits());
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

type ProposedMessage = {
  getId(): UUID | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
};

/** Undefined where EventStoreDB answers "BadRequest": an id that is no UUID, an empty type, or no content type. */
export const proposedOf = (message: ProposedMessage): ProposedRecord | undefined => {
  const id = uuidText(message.getId());
  const type = message.getMetadataMap().get('type') ?? '';
  const contentType = message.getMetadataMap().get('content-type') ?? '';
  if (!isUuid(id) || type === '' || contentType === '') return undefined;
  return {
    id,
    type,
    contentType,
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
};

export const eventMessage = (record: ServerRecord): ReadResp => {
  const position = String(record.position);
  const event = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(record.id))
    .setStreamIdentifier(identifierOf(record.stream))
    .setStreamRevision(record.type === '$streamDeleted' ? TOMBSTONE_REVISION : String(record.revision))
    .setPreparePosition(position)
    .setCommitPosition(position)
    .setCustomMetadata(record.metadata)
    .setData(record.data);
  event
    .getMetadataMap()
    .set('type', record.type)
    .set('content-type', record.contentType)
    .set('created', record.created);
  const message = new streams.ReadResp().setEvent(
    new streams.ReadResp.ReadEvent().setEvent(event).setCommitPosition(position),
  );
  return message;
};

export const confirmationMessage = (id: string): ReadResp =>
  new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(id));

/** (-1,-1) as the server's unsigned numbers of 64 bits. */
export const NO_POSITION = '18446744073709551615';

export const checkpointMessage = (position: number | typeof NO_POSITION): ReadResp =>
  new streams.ReadResp().setCheckpoint(
    new streams.ReadResp.Checkpoint().setCommitPosition(String(position)).setPreparePosition(String(position)),
  );

export const caughtUpMessage = (): ReadResp => new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp());

export const fellBehindMessage = (): ReadResp =>
  new streams.ReadResp().setFellBehind(new streams.ReadResp.FellBehind());

export const streamNotFoundMessage = (stream: string): ReadResp =>
  new streams.ReadResp().setStreamNotFound(
    new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifierOf(stream)),
  );

const packed = (message: Message, typeName: string) => {
  const details = new any.Any();
  details.pack(message.serializeBinary(), `event_store.client.${typeName}`);
  return details;
};

type Refusal = { readonly code: number; readonly text: string; readonly details: InstanceType<typeof any.Any> };

/** Codes and texts as a real server sends them on the batch path. */
const refusalOf = (written: Exclude<Written, { kind: 'written' }>, stream: string, expected: Expectation): Refusal => {
  switch (written.kind) {
    case 'wrongRevision': {
      const details = new shared.WrongExpectedVersion();
      if (written.actual < 0) details.setCurrentNoStream(new empty.Empty());
      else details.setCurrentStreamRevision(String(written.actual));
      if (expected === 'any') details.setExpectedAny(new empty.Empty());
      else if (expected === 'exists') details.setExpectedStreamExists(new empty.Empty());
      else if (expected === -1) details.setExpectedNoStream(new empty.Empty());
      else details.setExpectedStreamPosition(String(expected));
      return {
        code: Code.ALREADY_EXISTS,
        text: 'WrongExpectedVersion',
        details: packed(details, 'WrongExpectedVersion'),
      };
    }
    case 'deleted': {
      const details = new shared.StreamDeleted().setStreamIdentifier(identifierOf(stream));
      return { code: Code.NOT_FOUND, text: 'StreamDeleted', details: packed(details, 'StreamDeleted') };
    }
    case 'tooLarge': {
      const details = new shared.MaximumAppendSizeExceeded().setMaxappendsize(written.maxBytes);
      return {
        code: Code.INVALID_ARGUMENT,
        text: 'MaximumAppendSizeExceeded',
        details: packed(details, 'MaximumAppendSizeExceeded'),
      };
    }
  }
};

const batchError = (request: BatchAppendReq, stream: string, { code, text, details }: Refusal): BatchAppendResp =>
  new streams.BatchAppendResp()
    .setCorrelationId(request.getCorrelationId())
    .setStreamIdentifier(identifierOf(stream))
    // The numbers of google.rpc.Code and of gRPC's status codes are the same.
    .setError(
      new status.Status()
        .setCode(code as never)
        .setMessage(text)
        .setDetails(details),
    );

export const badRequestReply = (request: BatchAppendReq, stream: string): BatchAppendResp =>
  batchError(request, stream, {
    code: Code.INVALID_ARGUMENT,
    text: 'BadRequest',
    details: packed(new shared.BadRequest().setMessage('BadRequest'), 'BadRequest'),
  });

export const timeoutReply = (request: BatchAppendReq, stream: string): BatchAppendResp =>
  batchError(request, stream, {
    code: Code.DEADLINE_EXCEEDED,
    text: 'Timeout',
    details: packed(new shared.Timeout(), 'Timeout'),
  });

export const notReadyReply = (request: BatchAppendReq, stream: string): BatchAppendResp =>
  batchError(request, stream, {
    code: Code.UNAVAILABLE,
    text: 'Server Is Not Ready',
    details: packed(new empty.Empty(), 'Empty'),
  });

export const batchReply = (
  request: BatchAppendReq,
  stream: string,
  expected: Expectation,
  written: Written,
): BatchAppendResp => {
  if (written.kind !== 'written') return batchError(request, stream, refusalOf(written, stream, expected));
  const success = new streams.BatchAppendResp.Success();
  if (written.revision < 0) success.setNoStream(new empty.Empty());
  else success.setCurrentRevision(String(written.revision));
  if (written.position === undefined) success.setNoPosition(new empty.Empty());
  else {
    const position = String(written.position);
    success.setPosition(new shared.AllStreamPosition().setCommitPosition(position).setPreparePosition(position));
  }
  return new streams.BatchAppendResp()
    .setCorrelationId(request.getCorrelationId())
    .setStreamIdentifier(identifierOf(stream))
    .setSuccess(success);
};

/** An error of a call, with the name the client looks for in `exception`. */
export const callError = (
  code: Code,
  details: string,
  exception?: string,
  fields: Readonly<Record<string, string>> = {},
): ServiceError => {
  const metadata = new Metadata();
  if (exception !== undefined) metadata.set('exception', exception);
  for (const [name, value] of Object.entries(fields)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
};

/** For a position where no event begins. */
export const noEventThere = (code: Code): ServiceError =>
  code === Code.UNKNOWN
    ? callError(code, 'Exception was thrown by handler. ReadAllResult: Error')
    : callError(code, 'The position is not the position of an event');

export const notLeader = (host: string, port: number): ServiceError =>
  callError(Code.NOT_FOUND, 'Leader info available', 'not-leader', {
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const streamDeleted = (stream: string): ServiceError =>
  callError(Code.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, 'stream-deleted', {
    'stream-name': stream,
  });
