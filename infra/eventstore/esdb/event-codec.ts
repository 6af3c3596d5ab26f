// Events in EventStoreDB: JSON data, and Railhead's other fields as custom metadata.

import { randomUUID } from 'node:crypto';
import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  EventStoreError,
  type NewEvent,
  type RecordedEvent,
  serialiseData,
} from '@railhead/commands/ports/event-store.ts';
import { z } from 'zod';
import { NO_POSITION, toldNumber } from './positions.ts';

export type EncodedEvent = { readonly message: BatchAppendReq.ProposedMessage; readonly bytes: number };

/**
 * `$correlationId` and `$causationId` are EventStoreDB's own names, which its projections use. `text` marks data that
 * is one JSON string, because the client returns malformed JSON as a string as well.
 */
const metadataOf = ({ version, meta, data }: NewEvent): string => {
  const { correlationId, causationId, ...rest } = meta;
  return JSON.stringify({
    ...rest,
    version,
    $correlationId: correlationId,
    $causationId: causationId,
    ...(typeof data === 'string' ? { text: true } : {}),
  });
};

/**
 * Throws `BAD_EVENT` or `EVENT_TOO_LARGE`. `bytes` is what counts towards the server's limit of one append: data, without
 * metadata.
 */
export const encodeEvent = (event: NewEvent): EncodedEvent => {
  const data = Buffer.from(serialiseData(event), 'utf8');
  const metadata = Buffer.from(metadataOf(event), 'utf8');
  const message = new streams.BatchAppendReq.ProposedMessage()
    .setId(new shared.UUID().setString(event.id))
    .setData(data)
    .setCustomMetadata(metadata);
  message.getMetadataMap().set('type', event.type).set('content-type', 'application/json');
  return { message, bytes: data.length };
};

/** The event that sets a stream's limits, as EventStoreDB's metadata streams contain it. */
export const encodeStreamMetadata = (limits: Readonly<Record<string, number>>): EncodedEvent => {
  const data = Buffer.from(JSON.stringify(limits), 'utf8');
  const message = new streams.BatchAppendReq.ProposedMessage()
    .setId(new shared.UUID().setString(randomUUID()))
    .setData(data);
  message.getMetadataMap().set('type', '$metadata').set('content-type', 'application/json');
  return { message, bytes: data.length };
};

const metadataShape = z.object({
  commandId: z.string(),
  $correlationId: z.string(),
  $causationId: z.string(),
  actor: z.string(),
  at: z.string(),
  version: z.number().int().min(1),
  text: z.boolean().optional(),
});

const corrupt = (where: string, why: string): EventStoreError =>
  new EventStoreError('STORE_CORRUPT', `event ${where}: ${why}`);

/** EventStoreDB's own events, in its own streams and in ours (`$streamDeleted`). */
export const isSystemEvent = (event: { readonly streamId: string; readonly type: string }): boolean =>
  event.type.startsWith('$') || event.streamId.startsWith('$');

/** Undefined for a system event and for a link whose event is gone; throws `STORE_CORRUPT` for an event of others. */
export const decodeEvent = ({ event }: ResolvedEvent | AllStreamResolvedEvent): RecordedEvent | undefined => {
  if (event === undefined || isSystemEvent(event)) return undefined;
  const where = `${event.revision} of ${event.streamId}`;
  const position = positionOf(event.position, where);
  const metadata: unknown = event.metadata;
  // Checked by hand instead of with zod: this runs for every event of a replay.
  if (!isMetadata(metadata)) throw corrupt(where, whyNoMetadata(metadata));
  if (!event.isJson || (typeof event.data === 'string' && metadata.text !== true))
    throw corrupt(where, 'its data is not JSON');
  return {
    stream: event.streamId,
    revision: revisionOf(event.revision, where),
    position,
    id: event.id,
    type: event.type,
    version: metadata.version,
    data: event.data,
    meta: {
      commandId: metadata.commandId,
      correlationId: metadata.$correlationId,
      causationId: metadata.$causationId,
      actor: metadata.actor,
      at: metadata.at,
    },
  };
};

type Metadata = z.output<typeof metadataShape>;

const isMetadata = (value: unknown): value is Metadata => {
  if (value === null || typeof value !== 'object') return false;
  // Safe cast: the next line checks each field.
  const { commandId, $correlationId, $causationId, actor, at, version } = value as Partial<Metadata>;
  return (
    typeof commandId === 'string' &&
    typeof $correlationId === 'string' &&
    typeof $causationId === 'string' &&
    typeof actor === 'string' &&
    typeof at === 'string' &&
    typeof version === 'number'
  );
};

const whyNoMetadata = (value: unknown): string => {
  const issue = metadataShape.safeParse(value).error?.issues[0];
  return `its metadata is not Railhead's (${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown'})`;
};

const revisionOf = (revision: bigint, where: string): number => {
  const told = toldNumber(revision);
  if (told === undefined) throw corrupt(where, 'its revision exceeds 2^53');
  return told;
};

const positionOf = (
  position: { readonly commit: bigint; readonly prepare: bigint } | undefined,
  where: string,
): number => {
  if (position === undefined || position.commit === NO_POSITION)
    throw new EventStoreError(
      'STORE_UNAVAILABLE',
      'EventStoreDB tells no positions of events in streams; 22.10 or newer is needed',
    );
  // Events of one explicit transaction share a commit position. Only the old TCP clients write such transactions.
  if (position.commit !== position.prepare) throw corrupt(where, 'it was written in an explicit transaction');
  const told = toldNumber(position.commit);
  if (told === undefined) throw corrupt(where, 'its position exceeds 2^53');
  return told;
};
