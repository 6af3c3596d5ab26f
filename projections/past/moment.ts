// A moment of the past, as people ask for it and as the log has it.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { instantIn } from '@railhead/commands/time/local-time.ts';
import { zoneNamed } from '@railhead/commands/time/zone.ts';
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { PastLog } from './past-log.ts';
import { positionAt } from './position-at.ts';

/** After every event up to and including `position`. `at`: when that event was written, if one stands there. */
export type Moment = {
  readonly position: Position;
  readonly at?: string;
  /** The last position of the log when it was asked. */
  readonly end: Position;
};

/** `nowMs`: no time after it is in the past. `zone`: of times without an offset; an IANA name. */
export type AskedNow = { readonly nowMs: number; readonly zone: string };

export type MomentRefusal = 'MOMENT_INVALID' | 'MOMENT_IN_FUTURE';

/** `text`: a position of the log or a time; undefined: its end. */
export const momentOf = async (
  log: PastLog,
  text: string | undefined,
  { nowMs, zone }: AskedNow,
): Promise<Result<Moment, MomentRefusal>> => {
  const end = await log.lastPosition();
  if (text === undefined) return accept(await momentAt(log, end, end));
  if (/^\d+$/.test(text)) {
    const position = Number(text);
    if (!Number.isSafeInteger(position)) return refuse('MOMENT_INVALID', `${text} is no position of a log`);
    if (position <= end) return accept(await momentAt(log, position, end));
    return refuse('MOMENT_IN_FUTURE', `the log ends at position ${end}`, { position: end });
  }
  const ms = instantIn(text, zone);
  if (ms === undefined)
    return refuse(
      'MOMENT_INVALID',
      'must be a position of the log, or a time such as 2026-12-01T09:00:00+08:00 (in a URL, + is written %2B)',
    );
  if (ms > nowMs) {
    const now = zoneNamed(zone).timestamp(nowMs);
    return refuse('MOMENT_IN_FUTURE', `it is ${now} now, and the log ends at position ${end}`, { position: end });
  }
  return accept(await momentAt(log, await positionAt(log, ms, end), end));
};

const momentAt = async (log: PastLog, position: Position, end: Position): Promise<Moment> => {
  const event = position === 0 ? undefined : await log.eventAt(position);
  return { position, end, ...(event === undefined ? {} : { at: event.meta.at }) };
};

/** Two moments, the earlier one first. */
export const momentsOf = async (
  log: PastLog,
  asked: { readonly from: string; readonly to: string | undefined },
  now: AskedNow,
): Promise<Result<{ readonly from: Moment; readonly to: Moment }, MomentRefusal | 'MOMENTS_BACKWARDS'>> => {
  const from = await momentOf(log, asked.from, now);
  if (!from.ok) return from;
  const to = await momentOf(log, asked.to, now);
  if (!to.ok) return to;
  if (from.value.position <= to.value.position) return accept({ from: from.value, to: to.value });
  const between = `${from.value.position} is after ${to.value.position}`;
  return refuse('MOMENTS_BACKWARDS', `the first moment must not be after the second one: position ${between}`);
};
