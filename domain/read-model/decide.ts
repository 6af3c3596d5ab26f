import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { EventPlace, ReadModelEvent } from './events.ts';
import type { LeftOut } from './fold.ts';

/** A model that refuses more than a few events is wrong itself, and must not go on with what is left. */
export const MOST_SET_ASIDE = 100;
/** Skipping is a decision of a person about one event. */
export const MOST_SKIPPED = 1_000;

export type ReadModelCommand =
  | ({ readonly type: 'SetAside'; readonly why: string } & EventPlace)
  | ({ readonly type: 'Skip'; readonly reason: string } & EventPlace)
  | ({ readonly type: 'Retry' } & EventPlace);

export const decide = (
  { setAside, skipped }: LeftOut,
  command: ReadModelCommand,
): Decision<ReadModelEvent, 'TOO_MANY_LEFT_OUT'> => {
  const { position, stream, eventType } = command;
  const place = { position, stream, eventType };
  switch (command.type) {
    case 'SetAside': {
      if (setAside.has(stream)) return unchanged;
      if (setAside.size >= MOST_SET_ASIDE)
        return refuse('TOO_MANY_LEFT_OUT', `${MOST_SET_ASIDE} streams are set aside already`);
      return emit({ type: 'StreamSetAside', version: 1, data: { ...place, why: command.why } });
    }
    case 'Skip': {
      if (skipped.has(position)) return unchanged;
      if (skipped.size >= MOST_SKIPPED)
        return refuse('TOO_MANY_LEFT_OUT', `${MOST_SKIPPED} events are skipped already`);
      return emit({ type: 'EventSkipped', version: 1, data: { ...place, reason: command.reason } });
    }
    case 'Retry':
      return emit({ type: 'EventRetried', version: 1, data: place });
  }
};
