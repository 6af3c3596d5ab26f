// Its user gives a waitlist request up; what was prepaid goes back. Once it has seats, its order is given up instead.
import { type Result, refuse, unchanged } from '@railhead/domain/kernel/decision.ts';
import { decide } from '@railhead/domain/waitlist/decide.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import { type TransactDeps, type Transacted, transact } from '../streams/transact.ts';

export type GiveUpWaitlist = { readonly waitlistNo: string; readonly userId: string; readonly correlationId: string };

export const giveUpWaitlist = (
  deps: TransactDeps,
  { waitlistNo, userId, correlationId }: GiveUpWaitlist,
): Promise<Result<Transacted, 'WAITLIST_NOT_FOUND' | 'WAITLIST_STATE' | 'CONTENDED'>> =>
  transact(
    deps,
    waitlistCategory,
    waitlistNo,
    { commandId: `${waitlistNo}/giveUp`, actor: userId, correlationId },
    (waitlist) => {
      const { status, failReason, request } = waitlist;
      if (request?.userId !== userId) return refuse('WAITLIST_NOT_FOUND', `no waitlist request ${waitlistNo}`);
      if (status === 'FAIL' && failReason === 'GIVEN_UP') return unchanged;
      const decided = decide(waitlist, { type: 'Fail', reason: 'GIVEN_UP' });
      if (decided.ok && decided.value.length > 0) return decided;
      const detail = `waitlist request ${waitlistNo} is ${status} and cannot be given up`;
      return refuse('WAITLIST_STATE', detail, { waitlistStatus: status });
    },
  );
