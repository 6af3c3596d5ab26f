// The payments of an order by which money may still come, and when the gateway is asked about them again.
import { mayStillBePaid } from '@railhead/domain/payment/fold.ts';
import type { Asked, TrackedOrder, TrackedPayment } from '../../orders/tracked-order.ts';
import { stepName } from '../../workflow/step.ts';

export const openPayments = ({ payments }: TrackedOrder): readonly TrackedPayment[] =>
  Object.values(payments).filter(({ payment }) => mayStillBePaid(payment));

/** Does the order, or its waitlist request, wait for a payment? */
export const waitsForMoney = ({ order, waits }: TrackedOrder): boolean =>
  order.status === 'WAIT_PAY' || waits?.waitlist.status === 'PENDING';

const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 1_800_000;

/** Growing pauses, 30 seconds at first and half an hour at most. Undefined: it was never asked by this step. */
export const nextAskMs = ({ asked }: TrackedOrder, kind: string, paymentNo: string): number | undefined => {
  const last = asked[stepName(kind, paymentNo)];
  return last === undefined
    ? undefined
    : last.atMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(last.times, 10));
};

export const askedAgain = (
  { asked }: TrackedOrder,
  kind: string,
  paymentNo: string,
  atMs: number,
): { readonly asked: Readonly<Record<string, Asked>> } => {
  const name = stepName(kind, paymentNo);
  return { asked: { ...asked, [name]: { times: (asked[name]?.times ?? 0) + 1, atMs } } };
};

export const FIRST_ASK_AFTER_MS = FIRST_PAUSE_MS;
