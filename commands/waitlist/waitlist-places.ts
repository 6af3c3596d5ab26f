// How many requests of a user wait at once. Counted in a stream of the user's own, so it is right whoever asks when.
import type { Result } from '@railhead/domain/kernel/decision.ts';
import { decide } from '@railhead/domain/waitlist-user/decide.ts';
import { waitlistUserCategory } from '@railhead/domain/waitlist-user/stream.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import { load } from '../streams/load.ts';
import { type Transacted, transact } from '../streams/transact.ts';
import { loadWaitlist } from './load-waitlist.ts';
import { WAITING_AT_ONCE } from './rules.ts';

/** A place whose request has not come by then is nobody's: its process died between the two. */
const UNCLAIMED_MS = 1_800_000;

type Deps = { readonly store: EventStore; readonly clock: Clock };

export const openPlace = async (
  deps: Deps,
  { waitlistNo, userKey, userId }: { readonly waitlistNo: string; readonly userKey: string; readonly userId: string },
  { correlationId }: { readonly correlationId: string },
): Promise<Result<Transacted, 'WAITLIST_LIMIT' | 'CONTENDED'>> => {
  const { state } = await load(deps.store, waitlistUserCategory, userKey);
  const ended: string[] = [];
  for (const one of state.open) {
    const { state: other } = await loadWaitlist(deps.store, one.waitlistNo);
    const isUnclaimed = other.status === 'ABSENT' && deps.clock.now() - Date.parse(one.since) > UNCLAIMED_MS;
    const waits = other.status === 'ABSENT' || other.status === 'PENDING' || other.status === 'MATCHING';
    if (isUnclaimed || !waits) ended.push(one.waitlistNo);
  }
  const origin = { commandId: `${waitlistNo}/open`, actor: userId, correlationId };
  return transact(deps, waitlistUserCategory, userKey, origin, (user) =>
    decide(user, { type: 'Open', waitlistNo, limit: WAITING_AT_ONCE, void: ended }),
  );
};
