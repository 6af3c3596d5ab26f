import type { Recorded } from '../kernel/event.ts';
import type { WaitlistUserEvent } from './events.ts';

/** The requests of one user that count; `since` is RFC 3339. */
export type WaitlistUser = { readonly open: readonly { readonly waitlistNo: string; readonly since: string }[] };

export const newWaitlistUser: WaitlistUser = { open: [] };

export const evolve = (user: WaitlistUser, event: Recorded<WaitlistUserEvent>): WaitlistUser => {
  const others = user.open.filter(({ waitlistNo }) => waitlistNo !== event.data.waitlistNo);
  if (event.type === 'WaitlistEnded') return { open: others };
  return { open: [...others, { waitlistNo: event.data.waitlistNo, since: event.meta.at }] };
};
