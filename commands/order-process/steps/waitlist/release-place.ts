// A request that waits no more counts no more for its user.
import { decide } from '@railhead/domain/waitlist-user/decide.ts';
import { waitlistUserCategory } from '@railhead/domain/waitlist-user/stream.ts';
import { ownOrigin } from '../../../streams/append.ts';
import { transact } from '../../../streams/transact.ts';
import type { OrderStep } from '../../order-step.ts';

export const releasePlace: OrderStep = {
  kind: 'releasePlace',
  due: ({ waits, placeFree }) => {
    const status = waits?.waitlist.status;
    const isWaiting = status === undefined || status === 'PENDING' || status === 'MATCHING';
    return isWaiting || placeFree ? [] : [{ key: '' }];
  },
  run: async ({ deps, current }) => {
    const { waits } = current();
    if (waits?.waitlist.request === undefined) return undefined;
    const { waitlistNo, userKey } = waits.waitlist.request;
    const ended = await transact(
      deps,
      waitlistUserCategory,
      userKey,
      ownOrigin(`${waitlistNo}/end`, waitlistNo),
      (user) => decide(user, { type: 'End', waitlistNo }),
    );
    if (!ended.ok) throw new Error(`${ended.refusal.code}: ${ended.refusal.detail}`);
    return { placeFree: true };
  },
};
