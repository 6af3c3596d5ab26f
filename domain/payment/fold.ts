import type { Currency, Fen } from '../kernel/money.ts';
import type { PaymentEvent, PaymentNoticeRefused } from './events.ts';

export type PaymentStatus = 'ABSENT' | 'CREATED' | 'SUCCEEDED' | 'DECLINED' | 'REFUNDING' | 'REFUNDED';

export type Payment = {
  readonly status: PaymentStatus;
  readonly paymentNo: string;
  readonly orderNo: string;
  readonly channel: string;
  readonly amountFen: Fen;
  readonly currency: Currency;
  /** The version of the newest notice received; 0 before the first. */
  readonly version: number;
  /** Notices that could not be right, each once. */
  readonly refused: readonly RefusedNotice[];
};

export type RefusedNotice = Pick<PaymentNoticeRefused['data'], 'outcome' | 'version' | 'amountFen'>;

export const absentPayment: Payment = {
  status: 'ABSENT',
  paymentNo: '',
  orderNo: '',
  channel: '',
  amountFen: 0,
  currency: 'CNY',
  version: 0,
  refused: [],
};

export const evolve = (payment: Payment, event: PaymentEvent): Payment => {
  switch (event.type) {
    case 'PaymentCreated':
      return { ...payment, status: 'CREATED', ...event.data };
    case 'PaymentSucceeded':
      return { ...payment, status: 'SUCCEEDED', version: event.data.version };
    case 'PaymentDeclined':
      return { ...payment, status: 'DECLINED', version: event.data.version };
    case 'PaymentRefundRequested':
      return { ...payment, status: 'REFUNDING' };
    case 'PaymentRefunded':
      return { ...payment, status: 'REFUNDED' };
    case 'PaymentNoticeRefused':
      return { ...payment, refused: [...payment.refused, event.data] };
  }
};
