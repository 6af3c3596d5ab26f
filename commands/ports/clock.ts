// Time and timers as arguments: production passes the system's, tests and the simulator pass their own.

/** A timer that can be taken back. */
export type Timer = { cancel(): void };

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once, `delayMs` from now. */
  after(delayMs: number, task: () => void): Timer;
}

/** Resolves after `delayMs`. */
export const pause = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });

/** Events of one batch share their instant, and many batches their millisecond. */
let latest = { epochMs: Number.NaN, utcOffsetMinutes: Number.NaN, text: '' };

/** RFC 3339 with the zone it is shown in; `utcOffsetMinutes` 480 is Beijing time. */
export const timestamp = (epochMs: number, utcOffsetMinutes: number): string => {
  if (latest.epochMs === epochMs && latest.utcOffsetMinutes === utcOffsetMinutes) return latest.text;
  const text = rfc3339(epochMs, utcOffsetMinutes);
  latest = { epochMs, utcOffsetMinutes, text };
  return text;
};

const rfc3339 = (epochMs: number, utcOffsetMinutes: number): string => {
  const local = new Date(epochMs + utcOffsetMinutes * 60_000).toISOString().slice(0, 23);
  const size = Math.abs(utcOffsetMinutes);
  const zone = `${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
  return `${local}${utcOffsetMinutes < 0 ? '-' : '+'}${zone}`;
};

/** The calendar date (`YYYY-MM-DD`) of an instant at a fixed offset from UTC. */
export const localDate = (epochMs: number, utcOffsetMinutes: number): string =>
  new Date(epochMs + utcOffsetMinutes * 60_000).toISOString().slice(0, 10);
