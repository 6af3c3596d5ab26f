// Money in = tickets + refunds + fees. Every payment belongs to its order, every ticket is paid, and money that bought
// a ticket goes back only with the ticket.
import type { Order } from '@railhead/domain/order/fold.ts';
import type { Payment, PaymentStatus } from '@railhead/domain/payment/fold.ts';
import { accountsOf, moneyOfAccount } from '../money.ts';
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
    for (const payment of ledger.payments.values()) {
      const order = ledger.orders.get(payment.orderNo);
      // Of a waitlist request there may be no order yet, or never.
      if (order !== undefined || !ledger.waitlists.has(payment.orderNo)) checkPayment(found, payment, order);
    }
    for (const [orderNo, order] of ledger.orders) {
      if (order.paymentNo !== undefined) checkPaid(found, orderNo, order, ledger.payments.get(order.paymentNo));
      // Of a change nothing may have been due.
      else if (order.status === 'SUCCESS' && order.amountFen > 0)
        found.add('TICKET_UNPAID', `order ${orderNo} has tickets, its payment is unknown`);
    }
    for (const [orderNo, account] of accountsOf(ledger)) {
      const { inFen, ticketsFen, refundsFen, feesFen, inFlightFen } = moneyOfAccount(account);
      if (inFlightFen < 0)
        found.add(
          'MONEY_MISMATCH',
          `${inFen} fen came in for order ${orderNo}; tickets ${ticketsFen}, refunds ${refundsFen}, fees ${feesFen}`,
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
  const dueFen = order.request.waitlist?.prepaidFen ?? order.amountFen;
  if (amountFen !== dueFen || currency !== order.request.currency)
    found.add('AMOUNT_WRONG', `${paymentNo} is of ${amountFen} ${currency}, order ${orderNo} of ${dueFen}`);
};

/** Checks the payment that an order names: it is not refunded while the order is valid. */
const checkPaid = (found: Violations, orderNo: string, order: Order, payment: Payment | undefined): void => {
  const status = payment?.orderNo === orderNo ? payment.status : 'ABSENT';
  const isVoid = order.changes.some((change) => change.status === 'CHANGED' || change.status === 'SETTLED');
  const mayGoBack = order.status === 'FAIL' || order.status === 'CLOSED' || order.refunds.length > 0 || isVoid;
  // What was prepaid beyond the price goes back while the tickets stand.
  const isRestBack = order.request?.waitlist !== undefined && status === 'REFUNDING';
  if (isRestBack || status === 'SUCCEEDED' || (mayGoBack && ON_ITS_WAY_BACK.includes(status))) return;
  if (order.status === 'SUCCESS')
    found.add('TICKET_UNPAID', `order ${orderNo} has tickets, its payment is ${payment?.status ?? 'unknown'}`);
  else found.add('ORDER_UNPAID', `order ${orderNo} was paid by ${order.paymentNo}, which is ${status}`);
};
