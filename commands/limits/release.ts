import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { FoldedStreams } from './folded-streams.ts';
import type { Part } from './parts.ts';

const MAX_ATTEMPTS = 10;

/** Releases these tickets in one stream. Throws if others keep writing to it. */
export const release = async (
  { store, streams }: { readonly store: EventStore; readonly streams: FoldedStreams },
  part: Part,
  { itemNos, name, meta }: { readonly itemNos: readonly number[]; readonly name: string; readonly meta: EventMeta },
): Promise<void> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const append = part.release(await streams.read(part), itemNos, name, meta);
    if (append === undefined) return;
    const [result] = await store.append([append]);
    if (result?.ok === true) return;
  }
  throw new Error(`CONTENDED: ${part.stream} keeps changing`);
};
