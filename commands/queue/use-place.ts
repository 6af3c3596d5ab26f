// A change of tickets uses a place in the queue of the run that it goes to. The use is written before the change, under the
// number of the order that the change will have: a repeat finds its own use, and no other request can have the place.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import { queuePlacePart } from '../limits/parts.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { EntryRefusal, PlaceToUse } from './queue-gate.ts';

export type PlaceUse = {
  readonly place: PlaceToUse;
  readonly orderNo: string;
  readonly requestHash: string;
  readonly meta: EventMeta;
};

const MAX_ROUNDS = 10;
const NOTHING: ReadonlySet<string> = new Set();

export const usePlace = async (
  store: EventStore,
  { place, meta, ...order }: PlaceUse,
): Promise<Result<undefined, EntryRefusal | 'IDEMPOTENCY_KEY_REUSED' | 'CONTENDED'>> => {
  const part = queuePlacePart(order, place);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const attempt = part.reserve(part.fold(await store.readStream(part.stream)), NOTHING, meta.commandId, meta);
    if (!attempt.ok) {
      const { code, detail, extra } = attempt.refusal;
      return code === 'QUEUE_TOKEN_INVALID'
        ? refuse(code, detail, extra)
        : refuse('IDEMPOTENCY_KEY_REUSED', 'this idempotency key belongs to another request');
    }
    const [result] = await store.append([attempt.append]);
    if (result?.ok === true) return accept(undefined);
  }
  return refuse('CONTENDED', `others keep using place ${place.place}; try again`);
};

/** The change was refused: the place is as it was. If that cannot be written, the place is lost, and no more than that. */
export const returnPlace = async (store: EventStore, { place, meta, ...order }: PlaceUse): Promise<void> => {
  const part = queuePlacePart(order, place);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const folded = part.fold(await store.readStream(part.stream));
    const append = part.release(folded, [], `${meta.commandId}/return`, meta);
    if (append === undefined) return;
    const [result] = await store.append([append]);
    if (result?.ok === true) return;
  }
};
