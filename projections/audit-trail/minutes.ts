// Between which positions of the log the events of a minute stand.

const MINUTE_MS = 60_000;

/** `minute`: minutes since the epoch. `first`, `last`: positions. */
export type Minute = { readonly minute: number; readonly first: number; readonly last: number };

export const minuteOf = (atMs: number): number => Math.floor(atMs / MINUTE_MS);

/** The minutes of these events, which are in the order of the log; the minute of the last event comes last. */
export const minutesOf = (
  events: readonly { readonly position: number; readonly atMs: number }[],
): readonly Minute[] => {
  const minutes = new Map<number, Minute>();
  for (const { position, atMs } of events) {
    const minute = minuteOf(atMs);
    const first = minutes.get(minute)?.first ?? position;
    minutes.delete(minute);
    minutes.set(minute, { minute, first, last: position });
  }
  return [...minutes.values()];
};
