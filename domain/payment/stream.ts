import { category } from '../kernel/category.ts';
import type { PaymentEvent } from './events.ts';
import { absentPayment, evolve, type Payment } from './fold.ts';

/** One stream for each attempt to pay, named by the payment's number. */
export const paymentCategory = category<string, Payment, PaymentEvent>({
  name: 'payment',
  nameOf: (paymentNo) => paymentNo,
  parse: (name) => name,
  initial: () => absentPayment,
  evolve,
  versions: {
    PaymentCreated: 1,
    PaymentSucceeded: 1,
    PaymentDeclined: 1,
    PaymentClosed: 1,
    PaymentRefundRequested: 2,
    PaymentRefunded: 2,
    PaymentNoticeRefused: 1,
    PaymentNoticeDismissed: 1,
  },
});

/** The refund of a payment that bought no ticket; those of tickets are named by their order. */
export const wholeRefundNoOf = (paymentNo: string): string => `${paymentNo}R1`;

/** What is left over of money that was prepaid. */
export const restRefundNoOf = (paymentNo: string): string => `${paymentNo}R0`;

/** The part of a refund that is of money which came over from an earlier order, and is in that order's payment. */
export const carriedRefundNoOf = (refundNo: string): string => `${refundNo}C`;

/** The order that a payment's number names. */
export const orderNoOfPayment = (paymentNo: string): string =>
  paymentNo.slice(0, Math.max(0, paymentNo.lastIndexOf('P')));

/** The `attempt`-th payment of an order, from 1. */
export const paymentNoOf = (orderNo: string, attempt: number): string => `${orderNo}P${attempt}`;
