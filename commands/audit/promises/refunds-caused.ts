// Money goes back for tickets that were given back, for what a change left over, of an order that ended all the same, and
// of a payment that bought nothing: to the fen, and nothing else. A refund of changed tickets may be in two payments.
import { type Fen, sumFen } from '@railhead/domain/kernel/money.ts';
import { keptItems, type Order } from '@railhead/domain/order/fold.ts';
import type { Payment, PaymentRefund } from '@railhead/domain/payment/fold.ts';
import { carriedRefundNoOf, restRefundNoOf, wholeRefundNoOf } from '@railhead/domain/payment/stream.ts';
import { type Account, accountsOf } from '../money.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

export const refundsCaused: PromiseOf = (ledger) => ({
  categories: [],
  observe() {
    // Refunds and what they are for are in different streams, so they are compared in `findings`.
  },
  findings() {
    const found = new Violations();
    for (const account of accountsOf(ledger).values()) checkAccount(found, account);
    return found.list;
  },
});

/** Why money goes back, and how much. `isDone`: an order says that it is back. */
type Cause = { readonly orderNo: string; readonly no: string; readonly fen: Fen; readonly isDone: boolean };

const checkAccount = (found: Violations, account: Account): void => {
  const refunds = account.payments.flatMap((payment) =>
    Object.entries(payment.refunds).map(([refundNo, refund]) => ({ payment, refundNo, refund })),
  );
  const causes = [...account.orders].flatMap(([orderNo, order]) => causesOf(orderNo, order));
  const explained = new Set<PaymentRefund>();
  for (const cause of causes) {
    const parts = refunds.filter(({ payment, refundNo }) => isPartOf(account, cause, payment, refundNo));
    for (const { refund } of parts) explained.add(refund);
    const askedFen = sumFen(parts.map(({ refund }) => refund.amountFen));
    const doneFen = sumFen(parts.map(({ refund }) => (refund.isDone ? refund.amountFen : 0)));
    const differs = parts.length === 1 && account.orders.size === 1 ? askedFen !== cause.fen : askedFen > cause.fen;
    if (parts.length > 0 && differs)
      found.add('REFUND_WITHOUT_CAUSE', `${cause.no} of order ${cause.orderNo}: ${askedFen} fen of ${cause.fen}`);
    if (cause.isDone && doneFen !== cause.fen)
      found.add('ORDER_UNPAID', `order ${cause.orderNo} says that ${cause.no} is done, and ${doneFen} fen are back`);
  }
  for (const { payment, refundNo, refund } of refunds) {
    if (explained.has(refund)) continue;
    const wrong = wholeDefect(account, payment, refundNo, refund);
    if (wrong !== undefined) found.add('REFUND_WITHOUT_CAUSE', `${refundNo} of ${payment.paymentNo}: ${wrong}`);
  }
};

const causesOf = (orderNo: string, order: Order): readonly Cause[] => [
  ...order.refunds.map(({ refundNo, refundFen, isDone }) => ({ orderNo, no: refundNo, fen: refundFen, isDone })),
  ...order.changes
    .filter(({ status }) => status === 'CHANGED' || status === 'SETTLED')
    .map(({ changeNo, refundFen, status }) => ({
      orderNo,
      no: changeNo,
      fen: refundFen,
      isDone: status === 'SETTLED',
    })),
  ...restOf(orderNo, order),
];

/** Of a prepaid order: what is left of the money once its tickets are issued. */
const restOf = (orderNo: string, { request, paymentNo, tickets, amountFen }: Order): readonly Cause[] => {
  const restFen = (request?.waitlist?.prepaidFen ?? 0) - amountFen;
  if (request?.waitlist === undefined || paymentNo === undefined || tickets.length === 0 || restFen <= 0) return [];
  return [{ orderNo, no: restRefundNoOf(paymentNo), fen: restFen, isDone: false }];
};

const isPartOf = (account: Account, cause: Cause, payment: Payment, refundNo: string): boolean => {
  const order = account.orders.get(cause.orderNo);
  if (order === undefined) return false;
  if (refundNo === cause.no) return payment.paymentNo === order.paymentNo;
  return refundNo === carriedRefundNoOf(cause.no) && payment.paymentNo === order.request?.change?.paymentNo;
};

/** A refund of all of a payment that bought nothing, or of all that an order which ended had still kept. */
const wholeDefect = (
  account: Account,
  payment: Payment,
  refundNo: string,
  { amountFen }: PaymentRefund,
): string | undefined => {
  const carriedTo = [...account.orders].find(([orderNo]) => refundNo === carriedRefundNoOf(orderNo));
  const [orderNo, order] = carriedTo ?? [payment.orderNo, account.orders.get(payment.orderNo)];
  // Another promise names a payment without an order.
  if (order === undefined) return undefined;
  if (carriedTo === undefined && refundNo !== wholeRefundNoOf(payment.paymentNo))
    return `order ${orderNo} knows nothing of it`;
  if (order.status === 'QUEUED' || order.status === 'WAIT_PAY') return `order ${orderNo} waits for the money`;
  const isOfOrder = carriedTo !== undefined || order.paymentNo === payment.paymentNo;
  if (!isOfOrder) return amountFen === payment.amountFen ? undefined : `${amountFen} fen of ${payment.amountFen}`;
  const isOver =
    order.status === 'FAIL' ||
    (order.status === 'CLOSED' && order.closeReason !== 'REFUNDED' && order.closeReason !== 'CHANGED');
  if (!isOver) return `order ${orderNo} is ${order.status}`;
  const change = order.request?.change;
  const keptFen = sumFen(keptItems(order).map(({ fareFen }) => fareFen));
  if (change === undefined) {
    const isByTicket = order.refunds.length + order.changes.length > 0 || isPrepaid(order);
    const wholeFen = isByTicket ? keptFen : payment.amountFen;
    return amountFen === wholeFen ? undefined : `${amountFen} fen of ${wholeFen}`;
  }
  // Of changed tickets: the parts in the two payments together.
  const isChanged = account.orders
    .get(change.orderNo)
    ?.changes.some(
      ({ changeNo, status }) => changeNo === change.changeNo && (status === 'CHANGED' || status === 'SETTLED'),
    );
  if (isChanged !== true)
    return carriedTo === undefined && amountFen === payment.amountFen ? undefined : `nothing was changed by ${orderNo}`;
  const carriedFen = refundIn(account, change.paymentNo, carriedRefundNoOf(orderNo));
  const ownFen = refundIn(account, order.paymentNo, wholeRefundNoOf(order.paymentNo ?? ''));
  return ownFen + carriedFen <= keptFen ? undefined : `${ownFen} and ${carriedFen} fen of ${keptFen}`;
};

/** Its rest goes back by itself, so what is left is the price of its tickets. */
const isPrepaid = ({ request, tickets }: Order): boolean => request?.waitlist !== undefined && tickets.length > 0;

const refundIn = ({ payments }: Account, paymentNo: string | undefined, refundNo: string): Fen =>
  payments.find((payment) => payment.paymentNo === paymentNo)?.refunds[refundNo]?.amountFen ?? 0;
