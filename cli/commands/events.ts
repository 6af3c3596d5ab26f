import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { openLog } from '@railhead/infra/composition/open-store.ts';
import type { LogView } from '@railhead/infra/eventstore/log-view.ts';
import type { Command } from 'commander';
import { InputError, UsageError } from '../exit-codes.ts';
import { type ConfigOptions, configOf, LOG_SETTINGS, withSettings } from '../options.ts';
import { print, printJson } from '../output.ts';

type EventsOptions = ConfigOptions & {
  readonly json?: boolean;
  readonly follow?: boolean;
  readonly from?: string;
  readonly limit?: string;
};

export const eventsCommand = (command: Command): Command =>
  withSettings(command, LOG_SETTINGS)
    .argument('[stream]', 'stream name, such as order-…; without it the whole log')
    .option('--from <n>', 'first revision of the stream, or first position of the log')
    .option('--limit <n>', 'at most so many events')
    .option('-f, --follow', 'go on with what is written later, until Ctrl-C')
    .option('--json', 'one JSON object a line')
    .action(printEvents);

const countOf = (name: string, text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`--${name} must be a whole number, not ${text}`);
  return value;
};

const printEvents = async (stream: string | undefined, options: EventsOptions): Promise<void> => {
  const from = countOf('from', options.from, 0);
  const limit = countOf('limit', options.limit, Number.POSITIVE_INFINITY);
  const reader = await openLog(configOf(options).config);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const follow = options.follow === true ? { follow: stop.signal } : {};
  const events =
    stream === undefined
      ? reader.all({ after: Math.max(0, from - 1), ...follow })
      : reader.stream(stream, { from, ...follow });
  try {
    let printed = 0;
    if (limit === 0) return;
    if (stream !== undefined && options.follow !== true) await assertExists(reader, stream);
    for await (const event of events) {
      if (options.json === true) printJson(event);
      else print(lineOf(event));
      printed += 1;
      if (printed >= limit || stop.signal.aborted) return;
    }
  } finally {
    await reader.close();
  }
};

/** A name that is misspelt is no stream without events. One that is followed may be written yet. */
const assertExists = async (reader: LogView, stream: string): Promise<void> => {
  for await (const _ of reader.stream(stream, { from: 0 })) return;
  throw new InputError('STREAM_NOT_FOUND', `there is no stream ${stream} in this log`);
};

const lineOf = ({ position, stream, revision, type, meta, data }: RecordedEvent): string =>
  `${String(position).padStart(8)}  ${meta.at}  ${stream}@${revision}  ${type}  ${JSON.stringify(data)}`;
