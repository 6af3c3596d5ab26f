// How far a copy between two logs is, kept in a file until it is done; believed while both logs have the event it ends at.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import {
  bearsOut,
  type EventStore,
  fingerprintOf,
  type Position,
  type RecordedEvent,
} from '@railhead/commands/ports/event-store.ts';
import { z } from 'zod';
import type { LogView } from './log-view.ts';

const shape = z.object({
  from: z.string(),
  to: z.string(),
  position: z.number().int().positive(),
  fingerprint: z.string(),
  stream: z.string(),
  revision: z.number().int().nonnegative(),
});
type Marked = z.output<typeof shape>;

export class CopyMark {
  readonly #path: string;
  readonly #names: { readonly from: string; readonly to: string };

  constructor(path: string, names: { readonly from: string; readonly to: string }) {
    this.#path = path;
    this.#names = names;
  }

  /** Where the copy goes on in `from`; 0 without a mark, or with one of other logs: what is there already is recognised. */
  async position(from: LogView, to: Pick<EventStore, 'readStream'>): Promise<Position> {
    const marked = this.#read();
    if (marked === undefined || marked.from !== this.#names.from || marked.to !== this.#names.to) return 0;
    if (!(await bearsOut({ fingerprintAt: async (position) => from.fingerprintAt(position) }, marked))) return 0;
    const [copied] = await to.readStream(marked.stream, { from: marked.revision, limit: 1 });
    return copied !== undefined && fingerprintOf(copied) === marked.fingerprint ? marked.position : 0;
  }

  /** Whole or not at all. */
  reach(last: RecordedEvent): void {
    const { position, stream, revision } = last;
    const marked: Marked = { ...this.#names, position, fingerprint: fingerprintOf(last), stream, revision };
    writeFileSync(`${this.#path}.new`, JSON.stringify(marked));
    renameSync(`${this.#path}.new`, this.#path);
  }

  forget(): void {
    rmSync(this.#path, { force: true });
  }

  #read(): Marked | undefined {
    if (!existsSync(this.#path)) return undefined;
    try {
      return shape.safeParse(JSON.parse(readFileSync(this.#path, 'utf8'))).data;
    } catch {
      return undefined;
    }
  }
}
