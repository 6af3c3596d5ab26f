// Reads an embedded log while another process may be writing it: locks nothing and changes nothing.
import { accessSync, constants, statSync } from 'node:fs';
import { EventStoreError, type Position, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { errorCode } from '../../timetable/error-code.ts';
import type { LogView } from '../log-view.ts';
import type { Checksummed } from './checksums.ts';
import { SqliteReader } from './reader.ts';
import { logPath } from './sqlite-event-store.ts';

const PAGE = 1_000;
const POLL_MS = 200;

export class LogReader implements LogView {
  readonly #reader: SqliteReader;

  constructor(folder: string) {
    const path = logPath(folder);
    try {
      // Not by opening it: closing a file again would end the locks that this process has on it.
      statSync(path);
      accessSync(path, constants.R_OK);
    } catch (cause) {
      throw errorCode(cause) === 'EACCES'
        ? new EventStoreError('STORE_ACCESS_DENIED', `${path} may not be read: permission denied`, { cause })
        : new EventStoreError('STORE_UNAVAILABLE', `there is no event log in ${folder}`, { cause });
    }
    this.#reader = new SqliteReader(path);
  }

  lastPosition(): Position {
    return this.#reader.lastPosition();
  }

  fingerprintAt(position: Position): string | undefined {
    return this.#reader.fingerprintAt(position);
  }

  eventAt(position: Position): RecordedEvent | undefined {
    return this.#reader.eventAt(position);
  }

  /** Everything after a position; with `follow`, what comes later too, until aborted. */
  async *all(options: { readonly after: Position; readonly follow?: AbortSignal }): AsyncGenerator<RecordedEvent> {
    let position = options.after;
    for (;;) {
      const page = this.#reader.readAll({ after: position, limit: PAGE });
      yield* page.events;
      position = page.position;
      if (!page.caughtUp) continue;
      if (options.follow === undefined || options.follow.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async *stream(
    name: string,
    options: { readonly from: number; readonly follow?: AbortSignal },
  ): AsyncGenerator<RecordedEvent> {
    let from = options.from;
    for (;;) {
      const events = this.#reader.readStream(name, { from, limit: PAGE });
      yield* events;
      from += events.length;
      if (events.length === PAGE) continue;
      if (options.follow === undefined || options.follow.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  alterations(tell?: (checksummed: Checksummed) => void): Iterable<string> {
    return this.#reader.alterations(tell);
  }

  uncheckedEnd(): string | undefined {
    return this.#reader.uncheckedEnd();
  }

  close(): void {
    this.#reader.close();
  }
}
