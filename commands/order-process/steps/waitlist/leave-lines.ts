// A request that was served, or is over, waits no more where it was not served. Seats that it got there all the same are
// free again.

import { servedLine } from '@railhead/domain/waitlist/fold.ts';
import type { KnownLines, TrackedWaitlist } from '../../../orders/tracked-order.ts';
import { type OrderStep, stepMeta } from '../../order-step.ts';
import { linesOf } from './waiting-place.ts';

const KIND = 'leaveLines';

export const leaveLines: OrderStep = {
  kind: KIND,
  due: ({ waits, lines }) => (waits === undefined ? [] : toLeave(waits, lines).map((line) => ({ key: line }))),
  run: async (context) => {
    const { deps, current, key: line } = context;
    const { waits } = current();
    const place = waits === undefined ? undefined : linesOf(waits.waitlist).get(line);
    const waitlistNo = waits?.waitlist.request?.waitlistNo;
    if (waits === undefined || place === undefined || waitlistNo === undefined) return undefined;
    const { of, seatClass } = place;
    const meta = stepMeta(context, `${KIND}/${line}`);
    const left = await deps.pool.submit(
      { train: of.train, date: of.date, seatClass },
      { kind: 'leave', orderNo: waitlistNo, meta },
    );
    if (!left.ok) throw new Error(`${left.refusal.code}: ${left.refusal.detail}`);
    const { lines } = current();
    return { lines: { ...lines, left: [...lines.left, line] } };
  },
};

const toLeave = ({ waitlist }: TrackedWaitlist, { left }: KnownLines): readonly string[] => {
  // Before it was prepaid it waited nowhere.
  if (waitlist.paymentNo === undefined || waitlist.status === 'MATCHING') return [];
  const served = servedLine(waitlist);
  return [...linesOf(waitlist).keys()].filter((line) => line !== served && !left.includes(line));
};
