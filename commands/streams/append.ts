// Turns decided events into an append: ids from the command, revision from the folded state, meta from origin and
// clock.
import type { AnyEvent, EventMeta } from '@railhead/domain/kernel/event.ts';
import { type Clock, timestampOf } from '../ports/clock.ts';
import type { StreamAppend } from '../ports/event-store.ts';
import { eventIds } from '../ports/ids.ts';

/** Who caused a command. `causationId` is the correlation's own id unless something else is named. */
export type Origin = {
  readonly commandId: string;
  readonly actor: string;
  readonly correlationId: string;
  readonly causationId?: string;
};

/** The only place where meta is made. */
export const metaOf = (
  clock: Clock,
  { commandId, actor, correlationId, causationId = correlationId }: Origin,
): EventMeta => ({ commandId, correlationId, causationId, actor, at: timestampOf(clock) });

/**
 * The meta of one event that several commands caused, from theirs. With more than one command behind it, the event is
 * Railhead's own: a batch of that name.
 */
export const metaOfTogether = (metas: readonly EventMeta[], batch: string): EventMeta => {
  const last = metas.at(-1);
  if (last === undefined) throw new Error(`${batch} has an event that no command caused`);
  if (metas.every(({ commandId }) => commandId === last.commandId)) return last;
  return { commandId: batch, correlationId: batch, causationId: batch, actor: OWN_ACTOR, at: last.at };
};

/** Who does what Railhead does by itself. */
const OWN_ACTOR = 'railhead';
/** Nobody else may be called so: history would say that the railway, or its gateway, did what a person did. */
export const RESERVED_ACTORS: readonly string[] = [OWN_ACTOR, 'gateway'];

/** The origin of what Railhead does by itself, for an order or a run (`correlationId`). */
export const ownOrigin = (commandId: string, correlationId: string = commandId): Origin => ({
  commandId,
  correlationId,
  actor: OWN_ACTOR,
});

/** The types are part of the ids: a command decided again may be decided otherwise, and is then no repeat. */
export const idsOf = (commandId: string, events: readonly AnyEvent[]): ((index: number) => string) =>
  eventIds(`${commandId}/${events.map(({ type }) => type).join('+')}`);

/** `revision` is that of the stream's last event; -1 if the stream must not exist. */
export const expectedAfter = (revision: number): number | 'noStream' => (revision < 0 ? 'noStream' : revision);

/** An append of one command's events after `revision`. */
export const appendOf = (
  stream: string,
  revision: number,
  events: readonly AnyEvent[],
  meta: EventMeta,
): StreamAppend => {
  const idOf = idsOf(meta.commandId, events);
  return {
    stream,
    expected: expectedAfter(revision),
    events: events.map((event, index) => ({ ...event, id: idOf(index), meta })),
  };
};
