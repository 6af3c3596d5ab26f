// Joins events that were decided together into fewer events of the same meaning: one event for what many locks begin,
// one for what many end. What an event costs a store hardly depends on its size.
import type { AnyEvent } from './event.ts';

export type JoinRules<Event extends AnyEvent> = {
  /** What the event is about; undefined for an event that stays by itself and that no other may pass. */
  readonly keyOf: (event: Event) => string | undefined;
  /** About how much the event adds to the size of one that it joins. */
  readonly bytesOf: (event: Event) => number;
  /** Has the log the same meaning if an event of type `later` moves before one of type `earlier` about something else? */
  readonly mayPass: (later: Event['type'], earlier: Event['type']) => boolean;
};

/** Well below the size that a store allows an event (1 MiB), since sizes are estimated. */
export const JOINED_BYTES_LIMIT = 256 * 1024;

type Group<Item> = {
  readonly type: string;
  readonly items: Item[];
  /** Undefined: it stays by itself. */
  readonly keys: Set<string> | undefined;
  bytes: number;
};

/**
 * The items in groups, each to become one event, in the order in which these must be written. An item joins the last
 * group of its type, unless it would pass something that has to come before it.
 */
export const joined = <Event extends AnyEvent, Item extends { readonly event: Event }>(
  items: readonly Item[],
  rules: JoinRules<Event>,
): readonly (readonly Item[])[] => {
  const groups: Group<Item>[] = [];
  for (const item of items) {
    const { event } = item;
    const key = rules.keyOf(event);
    const bytes = rules.bytesOf(event);
    const group = key === undefined ? undefined : groupFor(groups, event, key, bytes, rules);
    if (group === undefined) {
      const keys = key === undefined ? undefined : new Set([key]);
      groups.push({ type: event.type, items: [item], keys, bytes });
    } else {
      group.items.push(item);
      if (key !== undefined) group.keys?.add(key);
      group.bytes += bytes;
    }
  }
  return groups.map((group) => group.items);
};

const groupFor = <Event extends AnyEvent, Item>(
  groups: readonly Group<Item>[],
  { type }: Event,
  key: string,
  bytes: number,
  { mayPass }: JoinRules<Event>,
): Group<Item> | undefined => {
  for (let index = groups.length - 1; index >= 0; index -= 1) {
    const group = groups[index];
    if (group?.keys === undefined) return undefined;
    if (group.type === type) return group.bytes + bytes <= JOINED_BYTES_LIMIT ? group : undefined;
    if (!mayPass(type, group.type) || group.keys.has(key)) return undefined;
  }
  return undefined;
};
