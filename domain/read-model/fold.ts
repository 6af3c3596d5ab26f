import type { Recorded } from '../kernel/event.ts';
import type { EventPlace, ReadModelEvent } from './events.ts';

export type SetAside = EventPlace & { readonly why: string; readonly at: string };
export type Skipped = EventPlace & { readonly reason: string; readonly by: string; readonly at: string };

/** The events that a model leaves out: by stream, from a position on; and by position, one each. */
export type LeftOut = {
  readonly setAside: ReadonlyMap<string, SetAside>;
  readonly skipped: ReadonlyMap<number, Skipped>;
};

export const nothingLeftOut: LeftOut = { setAside: new Map(), skipped: new Map() };

export const evolve = ({ setAside, skipped }: LeftOut, event: Recorded<ReadModelEvent>): LeftOut => {
  const { data, meta } = event;
  const { position, stream, eventType } = data;
  const place = { position, stream, eventType };
  switch (event.type) {
    case 'StreamSetAside':
      return { setAside: new Map(setAside).set(stream, { ...place, why: event.data.why, at: meta.at }), skipped };
    case 'EventSkipped': {
      const skip = { ...place, reason: event.data.reason, by: meta.actor, at: meta.at };
      return { setAside: without(setAside, stream, position), skipped: new Map(skipped).set(position, skip) };
    }
    case 'EventRetried': {
      const others = new Map(skipped);
      others.delete(position);
      return { setAside: without(setAside, stream, position), skipped: others };
    }
  }
};

/** A stream that was set aside at another event stays so. */
const without = (
  setAside: ReadonlyMap<string, SetAside>,
  stream: string,
  position: number,
): ReadonlyMap<string, SetAside> => {
  if (setAside.get(stream)?.position !== position) return setAside;
  const others = new Map(setAside);
  others.delete(stream);
  return others;
};
