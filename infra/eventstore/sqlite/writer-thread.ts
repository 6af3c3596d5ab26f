// The thread with the log's write connection. A message becomes a transaction, and is answered after the fsync.
import { parentPort, workerData } from 'node:worker_threads';
import type { AppendResult, EventStoreErrorCode } from '@railhead/commands/ports/event-store.ts';
import type { FileIdentity } from '../../sqlite/held-files.ts';
import { translateSqliteError } from './schema.ts';
import { type EncodedJob, SqliteWriter } from './writer.ts';

export type WriterOptions = {
  readonly path: string;
  readonly maxBytes: number | undefined;
  readonly maxHeads: number;
  /** The lock of the folder, which must stay what it is. */
  readonly lock: FileIdentity;
};

export type WriterRequest = { readonly seq: number; readonly jobs: readonly EncodedJob[] } | 'close';

export type WriterReply =
  | { readonly kind: 'open'; readonly position: number }
  | {
      readonly kind: 'done';
      readonly seq: number;
      readonly position: number;
      readonly results: readonly (readonly AppendResult[])[];
    }
  | { readonly kind: 'failed'; readonly seq: number; readonly code: EventStoreErrorCode; readonly message: string };

const port = parentPort;
if (port === null) throw new Error('the writer runs as a worker thread');
const reply = (message: WriterReply): void => port.postMessage(message);
// Safe cast: whoever starts this thread passes WriterOptions.
const { path, ...options } = workerData as WriterOptions;

const fail = (seq: number, error: unknown): void => {
  const { code, message } = translateSqliteError(error);
  reply({ kind: 'failed', seq, code, message });
};

try {
  const writer = new SqliteWriter(path, options);
  reply({ kind: 'open', position: writer.position });
  port.on('message', (request: WriterRequest) => {
    if (request === 'close') {
      writer.close();
      port.close();
      return;
    }
    try {
      const results = writer.commit(request.jobs);
      reply({ kind: 'done', seq: request.seq, position: writer.position, results });
    } catch (error) {
      fail(request.seq, error);
    }
  });
} catch (error) {
  fail(0, error);
}
