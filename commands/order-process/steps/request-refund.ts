// Asks the money back of tickets that were given back or became cheaper, and of payments that bought no ticket: the order
// had ended, was paid before, or could not be ticketed.
import type { Fen } from '@railhead/domain/kernel/money.ts';
import { sumFen } from '@railhead/domain/kernel/money.ts';
import { keptItems, type Order } from '@railhead/domain/order/fold.ts';
import type { Payment } from '@railhead/domain/payment/fold.ts';
import { carriedRefundNoOf, restRefundNoOf, wholeRefundNoOf } from '@railhead/domain/payment/stream.ts';
import type { Waitlist } from '@railhead/domain/waitlist/fold.ts';
import type { TrackedOrder } from '../../orders/tracked-order.ts';
import { type OrderStep, paymentStepMeta, write } from '../order-step.ts';
import { paymentAppend } from '../order-writer.ts';

const KIND = 'requestRefund';

/** Why a payment, or what is left of it, bought no ticket; undefined if it bought one or still may. */
export const refundReason = (order: Order, paymentNo: string): string | undefined => {
  switch (order.status) {
    case 'CLOSED':
      // The tickets that it bought were given back or changed, and each refund has its own number.
      if (isWithoutTickets(order) && paymentNo === order.paymentNo) return undefined;
      return `order closed: ${order.closeReason}`;
    case 'FAIL':
      return 'tickets could not be issued';
    case 'PAID':
    case 'TICKETING':
    case 'SUCCESS':
    case 'REFUND':
    case 'CHANGE':
      return paymentNo === order.paymentNo ? undefined : 'order was paid already';
    default:
      return undefined;
  }
};

const isWithoutTickets = ({ closeReason }: Order): boolean => closeReason === 'REFUNDED' || closeReason === 'CHANGED';

/** `isCarried`: the money is in the payment of the order whose tickets were changed to these. */
export type Wanted = {
  readonly paymentNo: string;
  readonly refundNo: string;
  readonly amountFen: Fen;
  readonly reason: string;
  readonly isCarried: boolean;
};

/** Every refund that the order's state asks for, whether it was asked for before or not. */
export const refundsOf = (tracked: TrackedOrder): readonly Wanted[] => {
  const { order, payments, waits } = tracked;
  const ofMoney = Object.values(payments).flatMap(({ payment }): readonly Wanted[] => {
    const { paymentNo, amountFen } = payment;
    const reason = refundReason(order, paymentNo) ?? waitlistRefundReason(waits?.waitlist, order, paymentNo);
    // What bought tickets goes back ticket by ticket, see below.
    if (reason === undefined || !hasMoney(payment) || (paymentNo === order.paymentNo && boughtTickets(tracked)))
      return [];
    return [{ paymentNo, refundNo: wholeRefundNoOf(paymentNo), amountFen, reason, isCarried: false }];
  });
  return [...ofTickets(tracked), ...ofRest(tracked), ...ofMoney];
};

/** Why a prepayment serves nothing, before there is an order of the request. */
const waitlistRefundReason = (waitlist: Waitlist | undefined, order: Order, paymentNo: string): string | undefined => {
  if (waitlist === undefined || order.status !== 'ABSENT') return undefined;
  if (waitlist.status === 'FAIL') return `waitlist request ended: ${waitlist.failReason}`;
  const isOther = waitlist.paymentNo !== undefined && waitlist.paymentNo !== paymentNo;
  return isOther ? 'waitlist request was prepaid already' : undefined;
};

/** What was prepaid beyond the price of an order, once that has its tickets; without tickets all of it goes back. */
const ofRest = (tracked: TrackedOrder): readonly Wanted[] => {
  const { request, amountFen, paymentNo } = tracked.order;
  if (request?.waitlist === undefined || paymentNo === undefined || !boughtTickets(tracked)) return [];
  const restFen = request.waitlist.prepaidFen - amountFen;
  const reason = 'more was prepaid than the order costs';
  return restFen > 0
    ? [{ paymentNo, refundNo: restRefundNoOf(paymentNo), amountFen: restFen, reason, isCarried: false }]
    : [];
};

const hasMoney = ({ status }: Payment): boolean => status === 'SUCCEEDED' || status === 'REFUNDING';

/** Were tickets issued, or, by the decision of a change, as good as issued? */
const boughtTickets = ({ order: { tickets }, changeEnded }: TrackedOrder): boolean =>
  tickets.length > 0 || changeEnded === 'CHANGED';

type Back = { readonly no: string; readonly fen: Fen; readonly reason: string };

/** Of tickets: what was given back, what a change left over, and the rest of an order that ended all the same. */
const ofTickets = (tracked: TrackedOrder): readonly Wanted[] => {
  const { order } = tracked;
  if (!boughtTickets(tracked)) return [];
  const wanted: Back[] = order.refunds.map(({ refundNo, refundFen }) => ({
    no: refundNo,
    fen: refundFen,
    reason: 'tickets were given back',
  }));
  for (const { status, changeNo, refundFen } of order.changes)
    if (status === 'CHANGED' || status === 'SETTLED')
      wanted.push({ no: changeNo, fen: refundFen, reason: 'the tickets after a change cost less' });
  if (order.status === 'CLOSED' && !isWithoutTickets(order))
    wanted.push({ no: '', fen: keptFen(order), reason: `order closed: ${order.closeReason}` });
  return fromPurses(order, wanted);
};

const keptFen = (order: Order): Fen => sumFen(keptItems(order).map(({ fareFen }) => fareFen));

/** Divides what goes back among the order's own payment, first, and the money that came over from the earlier order. */
const fromPurses = (order: Order, wanted: readonly Back[]): readonly Wanted[] => {
  const { paymentNo = '', request } = order;
  const before = request?.change;
  let ownFen = before === undefined ? Number.POSITIVE_INFINITY : Math.max(0, before.payFen - before.feeFen);
  return wanted.flatMap(({ no, fen, reason }): readonly Wanted[] => {
    const own = Math.min(fen, ownFen);
    ownFen -= own;
    const isWhole = no === '';
    const mine = { paymentNo, refundNo: isWhole ? wholeRefundNoOf(paymentNo) : no, amountFen: own, reason };
    const refundNo = carriedRefundNoOf(isWhole ? order.orderNo : no);
    const carried = { paymentNo: before?.paymentNo ?? '', refundNo, amountFen: fen - own, reason };
    return [
      { ...mine, isCarried: false },
      { ...carried, isCarried: true },
    ].filter(({ amountFen }) => amountFen > 0);
  });
};

/** Is all of the money back that this refund or change brings? */
export const isBack = (tracked: TrackedOrder, no: string): boolean =>
  refundsOf(tracked)
    .filter(({ refundNo }) => refundNo === no || refundNo === carriedRefundNoOf(no))
    .every(({ isCarried, paymentNo, refundNo }) =>
      isCarried
        ? tracked.carriedBack.includes(refundNo)
        : tracked.payments[paymentNo]?.payment.refunds[refundNo]?.isDone === true,
    );

export const requestRefund: OrderStep = {
  kind: KIND,
  due: (tracked) =>
    refundsOf(tracked)
      .filter(({ paymentNo, refundNo, isCarried }) => {
        const payment = isCarried ? undefined : tracked.payments[paymentNo]?.payment;
        return payment !== undefined && hasMoney(payment) && payment.refunds[refundNo] === undefined;
      })
      .map(({ refundNo }) => ({ key: refundNo })),
  run: async (context) => {
    const tracked = context.current();
    const wanted = refundsOf(tracked).find(({ refundNo, isCarried }) => !isCarried && refundNo === context.key);
    const payment = tracked.payments[wanted?.paymentNo ?? ''];
    if (payment === undefined || wanted === undefined) return undefined;
    const { refundNo, amountFen, reason } = wanted;
    const meta = paymentStepMeta(context, KIND);
    return write(context.deps, paymentAppend(payment, { type: 'RequestRefund', refundNo, amountFen, reason }, meta));
  },
};
