// A command that was written before, and whose sender asks again: it is found by its own name, whatever has happened since.
import type { EventStore, Position } from '../ports/event-store.ts';

/** The position of the command's last event in the stream; undefined: it has none. */
export const writtenBefore = async (
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  commandId: string,
): Promise<Position | undefined> =>
  (await store.readStream(stream)).findLast(({ meta }) => meta.commandId === commandId)?.position;
