// Selects the records of a filtered read: by stream name or event type, by prefixes or a regular expression.
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerRecord } from './server-record.ts';

export type RecordFilter = (record: ServerRecord) => boolean;

const everything: RecordFilter = () => true;

export const filterOf = (options: NonNullable<ReturnType<ReadReq['getOptions']>>): RecordFilter => {
  const filter = options.getFilter();
  const byStream = filter?.getStreamIdentifier();
  const expression = byStream ?? filter?.getEventType();
  if (expression === undefined) return everything;
  const textOf = byStream === undefined ? ({ type }: ServerRecord) => type : ({ stream }: ServerRecord) => stream;
  const prefixes = expression.getPrefixList();
  if (prefixes.length > 0) return (record) => prefixes.some((prefix) => textOf(record).startsWith(prefix));
  const regex = new RegExp(expression.getRegex());
  return (record) => regex.test(textOf(record));
};
