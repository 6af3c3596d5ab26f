// Money in = tickets + refunds + fees. Every payment belongs to its order, every ticket is paid, and money that bought
// a ticket goes back only with the ticket.
import { sumFen } from '@railhead/domain/kernel/money.ts';
import { keptItems, type Order } from '@railhead/domain/order/fold.ts';
import type { Payment, PaymentRefund, PaymentStatus } from '@railhead/domain/payment/fold.ts';
import { wholeRefundNoOf } from '@railhead/domain/payment/stream.ts';
import { moneyOfPayment } from '../money.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

const ON_ITS_WAY_BACK: readonly PaymentStatus[] = ['REFUNDING', 'REFUNDED'];

export const moneyAccounted: PromiseOf = (ledger) => ({
  categories: [],
  observe() {
    // A payment and its order are in different streams, so they are compared in `findings`.
  },
  findings() {
    const found = new Violations();
    for (const payment of ledger.payments.values()) checkPayment(found, payment, ledger.orders.get(payment.orderNo));
    for (const [orderNo, order] of ledger.orders) {
      if (order.paymentNo !== undefined) checkPaid(found, orderNo, order, ledger.payments.get(order.paymentNo));
      else if (order.status === 'SUCCESS')
        found.add('TICKET_UNPAID', `order ${orderNo} has tickets, its payment is unknown`);
    }
    for (const payment of ledger.payments.values()) {
      const { inFen, ticketsFen, refundsFen, feesFen, inFlightFen } = moneyOfPayment(ledger, payment);
      if (inFlightFen < 0)
        found.add(
          'MONEY_MISMATCH',
          `${inFen} fen came in by ${payment.paymentNo}; tickets ${ticketsFen}, refunds ${refundsFen}, fees ${feesFen}`,
        );
    }
    return found.list;
  },
});

const checkPayment = (found: Violations, payment: Payment, order: Order | undefined): void => {
  const { paymentNo, orderNo, amountFen, currency } = payment;
  if (order === undefined || order.request === undefined) {
    found.add('PAYMENT_WITHOUT_ORDER', `${paymentNo} is of order ${orderNo}, which was never requested`);
    return;
  }
  if (amountFen !== order.amountFen || currency !== order.request.currency)
    found.add('AMOUNT_WRONG', `${paymentNo} is of ${amountFen} ${currency}, order ${orderNo} of ${order.amountFen}`);
  for (const [refundNo, refund] of Object.entries(payment.refunds)) {
    const wrong = refundDefect(payment, order, refundNo, refund);
    if (wrong !== undefined) found.add('REFUND_WITHOUT_CAUSE', `${refundNo} of ${paymentNo}: ${wrong}`);
  }
};

/** Money goes back for tickets that were given back, and of a payment that bought none. */
const refundDefect = (
  payment: Payment,
  order: Order,
  refundNo: string,
  { amountFen }: PaymentRefund,
): string | undefined => {
  const isOfOrder = order.paymentNo === payment.paymentNo;
  const ofTickets = isOfOrder ? order.refunds.find((known) => known.refundNo === refundNo) : undefined;
  if (ofTickets !== undefined)
    return ofTickets.refundFen === amountFen ? undefined : `${amountFen} fen, its order says ${ofTickets.refundFen}`;
  if (refundNo !== wholeRefundNoOf(payment.paymentNo)) return `order ${payment.orderNo} knows nothing of it`;
  if (order.status === 'QUEUED' || order.status === 'WAIT_PAY') return `order ${payment.orderNo} waits for the money`;
  const isOver = order.status === 'FAIL' || (order.status === 'CLOSED' && order.closeReason !== 'REFUNDED');
  if (isOfOrder && !isOver) return `order ${payment.orderNo} is ${order.status}`;
  const wholeFen =
    isOfOrder && order.refunds.length > 0 ? sumFen(keptItems(order).map(({ fareFen }) => fareFen)) : payment.amountFen;
  return amountFen === wholeFen ? undefined : `${amountFen} fen of ${wholeFen}`;
};

/** Checks the payment that an order names: it is not refunded while the order is valid. */
const checkPaid = (found: Violations, orderNo: string, order: Order, payment: Payment | undefined): void => {
  const status = payment?.orderNo === orderNo ? payment.status : 'ABSENT';
  const mayGoBack = order.status === 'FAIL' || order.status === 'CLOSED' || order.refunds.length > 0;
  for (const { refundNo, refundFen, isDone } of order.refunds)
    if (isDone && refundFen > 0 && payment?.refunds[refundNo]?.isDone !== true)
      found.add('ORDER_UNPAID', `order ${orderNo} says that ${refundNo} is done, and its money is not back`);
  if (status === 'SUCCEEDED' || (mayGoBack && ON_ITS_WAY_BACK.includes(status))) return;
  if (order.status === 'SUCCESS')
    found.add('TICKET_UNPAID', `order ${orderNo} has tickets, its payment is ${payment?.status ?? 'unknown'}`);
  else found.add('ORDER_UNPAID', `order ${orderNo} was paid by ${order.paymentNo}, which is ${status}`);
};
