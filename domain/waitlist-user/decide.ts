// A user has so many waitlist requests at once.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { WaitlistUserEvent } from './events.ts';
import type { WaitlistUser } from './fold.ts';

export type WaitlistUserCommand =
  /** `void`: requests that are known to have ended, or never to have come; they count no more. */
  | { readonly type: 'Open'; readonly waitlistNo: string; readonly limit: number; readonly void: readonly string[] }
  | { readonly type: 'End'; readonly waitlistNo: string };

/** A refusal names in `waiting` the requests that count. */
export const decide = (
  user: WaitlistUser,
  command: WaitlistUserCommand,
): Decision<WaitlistUserEvent, 'WAITLIST_LIMIT'> => {
  const { waitlistNo } = command;
  const isOpen = user.open.some((one) => one.waitlistNo === waitlistNo);
  if (command.type === 'End')
    return isOpen ? emit({ type: 'WaitlistEnded', version: 1, data: { waitlistNo } }) : unchanged;
  if (isOpen) return unchanged;
  const { limit } = command;
  const ended = user.open.filter((one) => command.void.includes(one.waitlistNo));
  const waiting = user.open.filter((one) => !ended.includes(one)).map((one) => one.waitlistNo);
  if (waiting.length >= limit)
    return refuse('WAITLIST_LIMIT', `you have ${waiting.length} waitlist requests; ${limit} may wait at once`, {
      waiting,
      limit,
    });
  return emit<WaitlistUserEvent>(
    ...ended.map((one) => ({
      type: 'WaitlistEnded' as const,
      version: 1 as const,
      data: { waitlistNo: one.waitlistNo },
    })),
    { type: 'WaitlistOpened', version: 1, data: { waitlistNo, limit } },
  );
};
