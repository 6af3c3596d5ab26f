// A prepaid request takes its place in the line of each of its classes. It asks for it again from time to time: then it is
// served if a rule of the sale has lapsed meanwhile, and told if the class is sold no more.
import { seatWish } from '@railhead/domain/order/seat-wish.ts';
import type { KnownLines } from '../../../orders/tracked-order.ts';
import { type OrderStep, stepMeta, write } from '../../order-step.ts';
import { waitlistAppend } from '../../order-writer.ts';
import { linesOf } from './waiting-place.ts';

const KIND = 'joinLines';
const ASK_AGAIN_MS = 60_000;

export const joinLines: OrderStep = {
  kind: KIND,
  due: ({ waits, lines }) => {
    if (waits?.waitlist.status !== 'MATCHING') return [];
    return [...linesOf(waits.waitlist).keys()]
      .filter((line) => lines.closed[line] === undefined)
      .map((line) => {
        const last = lines.joined[line];
        return last === undefined ? { key: line } : { key: line, notBeforeMs: last + ASK_AGAIN_MS };
      });
  },
  run: async (context) => {
    const { deps, current, key: line } = context;
    const { waits } = current();
    const place = waits === undefined ? undefined : linesOf(waits.waitlist).get(line);
    if (waits?.waitlist.request === undefined || place === undefined) return undefined;
    const { passengers, waitlistNo, priority } = waits.waitlist.request;
    const { of, seatClass, choice } = place;
    // No seat is given out any more; its deadline ends it, or another choice serves it.
    if (deps.clock.now() >= Date.parse(of.until)) return learnt(current().lines, { closed: { [line]: 'SALE_CLOSED' } });
    const meta = stepMeta(context, `${KIND}/${line}`);
    const { train, date, from, to, until } = of;
    const wants = passengers.map((one) => (seatClass === 'standing' ? null : (seatWish(one, seatClass, date) ?? null)));
    const since = waits.waitlist.submittedAt;
    const asked = { waitlistNo, choice, from, to, wants, since, until, revision: waits.revision };
    const waiting = priority === undefined ? asked : { ...asked, priority };
    const outcome = await deps.pool.submit(
      { train, date, seatClass },
      { kind: 'wait', orderNo: waitlistNo, waiting, meta },
    );
    if (outcome.ok && outcome.value.lockId === '')
      return learnt(current().lines, { joined: { [line]: deps.clock.now() } });
    if (outcome.ok) {
      // It was served here, and a crash kept its own stream from being told.
      const locked = { type: 'LockSeats', choice, seatClass, lockId: outcome.value.lockId } as const;
      return write(deps, waitlistAppend(current().waits ?? waits, locked, stepMeta(context, `${KIND}/${line}/locked`)));
    }
    const { code, detail } = outcome.refusal;
    if (code === 'RUN_CANCELLED' || code === 'SALE_CLOSED')
      return learnt(current().lines, { closed: { [line]: code } });
    // It had seats here and gave them back.
    if (code === 'LOCK_ENDED') return learnt(current().lines, { closed: { [line]: 'SALE_CLOSED' } });
    throw new Error(`${code}: ${detail}`);
  },
};

type Learnt = Partial<Pick<KnownLines, 'joined' | 'closed'>>;

const learnt = (lines: KnownLines, { joined = {}, closed = {} }: Learnt): { readonly lines: KnownLines } => ({
  lines: { ...lines, joined: { ...lines.joined, ...joined }, closed: { ...lines.closed, ...closed } },
});
