// The call that reads: pages of a stream or of $all, and subscriptions to either.
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { status as Code, type ServerWritableStream } from '@grpc/grpc-js';
import { filterOf, type RecordFilter } from './filter.ts';
import {
  callError,
  caughtUpMessage,
  checkpointMessage,
  confirmationMessage,
  eventMessage,
  NO_POSITION,
  streamDeleted,
  streamNameOf,
  streamNotFoundMessage,
} from './messages.ts';
import type { Node } from './node.ts';
import { indexAfter } from './server-log.ts';
import type { ServerRecord } from './server-record.ts';

type ReadCall = ServerWritableStream<ReadReq, ReadResp>;
type Options = NonNullable<ReturnType<ReadReq['getOptions']>>;

/** Records sent before other clients get a turn. */
const TURN = 256;

export const read =
  (node: Node) =>
  (call: ReadCall): void => {
    node.called('Read');
    call.on('error', () => {});
    const options = call.request.getOptions();
    const refused = node.refusal(call.metadata);
    if (refused !== undefined) call.emit('error', refused);
    else if (options === undefined) call.emit('error', callError(Code.INVALID_ARGUMENT, 'no options'));
    else
      answer(node, call, options).catch((error: unknown) =>
        call.emit('error', callError(Code.UNKNOWN, error instanceof Error ? error.message : String(error))),
      );
  };

const answer = (node: Node, call: ReadCall, options: Options): Promise<void> => {
  if (options.hasSubscription()) {
    node.called('Subscribe');
    return subscribe(node, call, options);
  }
  return options.hasAll() ? readAll(node, call, options) : readStream(node, call, options);
};

/** False when nobody listens any more. */
const send = async (call: ReadCall, message: ReadResp): Promise<boolean> => {
  if (call.cancelled || call.destroyed) return false;
  if (call.write(message)) return true;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      call.off('drain', go).off('close', go).off('cancelled', go).off('error', go);
      resolve();
    };
    call.on('drain', go).on('close', go).on('cancelled', go).on('error', go);
  });
  return !call.cancelled && !call.destroyed;
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const sendAll = async (node: Node, call: ReadCall, records: readonly ServerRecord[]): Promise<void> => {
  if (node.faults.take('silentReads')) return;
  for (const [index, record] of records.entries()) {
    if (!(await send(call, eventMessage(record)))) return;
    if (index % TURN === TURN - 1) await turn();
  }
  call.end();
};

const BACKWARDS = 1;

const readStream = async (node: Node, call: ReadCall, options: Options): Promise<void> => {
  const of = options.getStream();
  const stream = streamNameOf(of?.getStreamIdentifier());
  if (node.log.isTombstoned(stream)) return void call.emit('error', streamDeleted(stream));
  const records = node.log.visible(stream);
  if (records === undefined) {
    await send(call, streamNotFoundMessage(stream));
    return void call.end();
  }
  const backwards = options.getReadDirection() === BACKWARDS;
  const last = records.at(-1)?.revision ?? -1;
  const asked = of?.hasEnd() === true ? last : of?.hasStart() === true ? 0 : Number(of?.getRevision());
  // For a backward read from beyond the end, EventStoreDB starts at the last event.
  const from = backwards ? Math.min(asked, last) : asked;
  const count = Number(options.getCount());
  const first = records[0]?.revision ?? 0;
  const page = backwards
    ? records.slice(Math.max(0, from - first + 1 - count), Math.max(0, from - first + 1)).reverse()
    : records.slice(Math.max(0, from - first), Math.max(0, from - first) + count);
  await sendAll(node, call, page);
};

/** A page includes the event at its position; a subscription starts after it. */
const readAll = async (node: Node, call: ReadCall, options: Options): Promise<void> => {
  const all = options.getAll();
  const { records } = node.log;
  const position = Number(all?.getPosition()?.getCommitPosition() ?? 0);
  const count = Number(options.getCount());
  const matches = filterOf(options);
  if (options.getReadDirection() === BACKWARDS) {
    const end = all?.hasEnd() === true ? records.length : indexAfter(records, position);
    const page: ServerRecord[] = [];
    for (let index = end - 1; index >= 0 && page.length < count; index -= 1) {
      const record = records[index];
      if (record !== undefined && matches(record)) page.push(record);
    }
    return sendAll(node, call, page);
  }
  const start =
    all?.hasStart() === true ? 0 : all?.hasEnd() === true ? records.length : indexAfter(records, position - 1);
  const page =
    matches === everything ? records.slice(start, start + count) : records.slice(start).filter(matches).slice(0, count);
  return sendAll(node, call, page);
};

const everything: RecordFilter = () => true;

/** EventStoreDB's page size. Without a search window it sends a checkpoint after so many pages of records. */
const PAGE = 32;
/** Bytes; further than any test writes. */
const BEYOND = 2 ** 40;

const subscribe = async (node: Node, call: ReadCall, options: Options): Promise<void> => {
  if (!(await send(call, confirmationMessage(crypto.randomUUID())))) return;
  const all = options.getAll();
  const of = options.getStream();
  const stream = streamNameOf(of?.getStreamIdentifier());
  const source = (): readonly ServerRecord[] =>
    all === undefined ? (node.log.visible(stream) ?? []) : node.log.records;
  let position = startOf(source(), options);
  const matches = filterOf(options);
  const filter = options.getFilter();
  const window =
    (filter?.hasMax() === true ? filter.getMax() : PAGE) * (filter?.getCheckpointintervalmultiplier() ?? 1);
  let wake: () => void = () => {};
  const stopListening = node.log.onChange(() => wake());
  call.on('cancelled', () => wake());
  call.on('close', () => wake());
  let caughtUp = false;
  let searched = 0;
  /** Nothing has told the subscriber a position yet, and it named none itself. */
  let nowhere = filter !== undefined && all?.hasStart() === true;
  let skipped = false;
  try {
    while (!call.cancelled && !call.destroyed) {
      const records = source();
      const index = indexAfter(records, position);
      for (const record of records.slice(index, index + TURN)) {
        if (node.faults.take('silentSubscription'))
          return void (await new Promise((resolve) => call.on('cancelled', resolve)));
        position = record.position;
        searched += 1;
        if (matches(record)) {
          nowhere = false;
          skipped = !skipped && !record.type.startsWith('$') && node.faults.take('skippedEvent');
          if (!skipped && !(await send(call, eventMessage(record)))) return;
          if (node.faults.take('repeatedEvent')) await send(call, eventMessage(record));
          if (node.faults.take('slowConsumer'))
            return void call.emit('error', callError(Code.ABORTED, 'Operation timed out: consumer too slow'));
        }
        if (filter !== undefined && searched >= window) {
          searched = 0;
          nowhere = false;
          if (!(await send(call, checkpointMessage(position)))) return;
        }
      }
      await turn();
      if (indexAfter(source(), position) < source().length) continue;
      if (filter !== undefined && node.faults.take('checkpointBeyondEnd'))
        await send(call, checkpointMessage(position + BEYOND));
      if (!caughtUp && nowhere && node.behaviour.checkpointBeforeFirstMatch)
        await send(call, checkpointMessage(NO_POSITION));
      if (!caughtUp && !(await send(call, caughtUpMessage()))) return;
      caughtUp = true;
      if (indexAfter(source(), position) < source().length) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (call.cancelled || call.destroyed) resolve();
      });
    }
  } finally {
    stopListening();
  }
};

/** Where a subscription starts: after a revision of a stream, or after a position of $all. */
const startOf = (records: readonly ServerRecord[], options: Options): number => {
  const all = options.getAll();
  const of = options.getStream();
  if (all?.hasEnd() === true || of?.hasEnd() === true) return records.at(-1)?.position ?? 0;
  if (all !== undefined) return Number(all.getPosition()?.getCommitPosition() ?? 0);
  if (of?.hasRevision() !== true) return 0;
  const revision = Number(of.getRevision());
  return records.findLast((record) => record.revision <= revision)?.position ?? 0;
};
