// The call that reads: pages of a stream or of $all. Subscriptions, which are the same call, are in subscriptions.ts.
import { status as Code } from '@grpc/grpc-js';
import { filterOf, type RecordFilter } from './filter.ts';
import {
  callError,
  eventMessage,
  noEventThere,
  streamDeleted,
  streamNameOf,
  streamNotFoundMessage,
} from './messages.ts';
import type { Node } from './node.ts';
import { type ReadCall, type ReadOptions, send, TURN, turn } from './sending.ts';
import { indexAfter } from './server-log.ts';
import type { ServerRecord } from './server-record.ts';
import { subscribe } from './subscriptions.ts';

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

const answer = (node: Node, call: ReadCall, options: ReadOptions): Promise<void> => {
  if (options.hasSubscription()) return subscribe(node, call, options);
  if (Number(options.getCount()) === 0) {
    call.emit('error', callError(Code.INVALID_ARGUMENT, 'the count must be positive'));
    return Promise.resolve();
  }
  return options.hasAll() ? readAll(node, call, options) : readStream(node, call, options);
};

const sendAll = async (node: Node, call: ReadCall, records: readonly ServerRecord[]): Promise<void> => {
  if (node.faults.take('silentReads')) return;
  for (const [index, record] of records.entries()) {
    if (!(await send(call, eventMessage(record)))) return;
    if (index % TURN === TURN - 1) await turn();
  }
  call.end();
};

const BACKWARDS = 1;

const readStream = async (node: Node, call: ReadCall, options: ReadOptions): Promise<void> => {
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
  const from = of?.hasEnd() === true ? last : of?.hasStart() === true ? 0 : Number(of?.getRevision());
  const count = Number(options.getCount());
  const first = records[0]?.revision ?? 0;
  // Backwards, the count begins at the revision asked for, also where that is beyond the end.
  const page = backwards
    ? records.slice(Math.max(0, from - first + 1 - count), Math.max(0, from - first + 1)).reverse()
    : records.slice(Math.max(0, from - first), Math.max(0, from - first) + count);
  await sendAll(node, call, page);
};

/**
 * Forwards, a page begins with the event at its position; backwards, with the one before. A subscription starts after it.
 */
const readAll = async (node: Node, call: ReadCall, options: ReadOptions): Promise<void> => {
  const all = options.getAll();
  const { records } = node.log;
  const position = Number(all?.getPosition()?.getCommitPosition() ?? 0);
  const count = Number(options.getCount());
  const matches = filterOf(options);
  if (!node.log.isBoundary(position)) return void call.emit('error', noEventThere(node.behaviour.noEventThere));
  if (options.getReadDirection() === BACKWARDS) {
    const end = all?.hasEnd() === true ? records.length : indexAfter(records, position - 1);
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
