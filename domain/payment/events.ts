import type { DomainEvent } from '../kernel/event.ts';
import type { Currency, Fen } from '../kernel/money.ts';

type OfOrder = { readonly paymentNo: string; readonly orderNo: string };

export type PaymentCreated = DomainEvent<
  'PaymentCreated',
  OfOrder & { readonly channel: string; readonly amountFen: Fen; readonly currency: Currency }
>;
/** `version` is the gateway's. A notice with a lower version than one already received is outdated. */
export type PaymentSucceeded = DomainEvent<
  'PaymentSucceeded',
  OfOrder & { readonly amountFen: Fen; readonly version: number; readonly gatewayRef: string }
>;
export type PaymentDeclined = DomainEvent<'PaymentDeclined', OfOrder & { readonly version: number }>;
/** The gateway has closed the payment unpaid, and promises that nobody can pay it any more. */
export type PaymentClosed = DomainEvent<'PaymentClosed', OfOrder>;
/** Some of the money goes back, or all of it; `refundNo` is unique, and the gateway refunds each number once. */
export type PaymentRefundRequested = DomainEvent<
  'PaymentRefundRequested',
  OfOrder & { readonly refundNo: string; readonly amountFen: Fen; readonly reason: string },
  2
>;
export type PaymentRefunded = DomainEvent<
  'PaymentRefunded',
  OfOrder & { readonly refundNo: string; readonly amountFen: Fen; readonly gatewayRef: string },
  2
>;

/**
 * A signed notice that cannot be right, as it came: whatever money it speaks of is not counted, and somebody has to ask
 * the gateway. `AMOUNT_MISMATCH`: of another amount than the payment's.
 */
export type PaymentNoticeRefused = DomainEvent<
  'PaymentNoticeRefused',
  OfOrder & {
    readonly code: 'AMOUNT_MISMATCH';
    readonly outcome: 'paid' | 'declined';
    readonly version: number;
    readonly amountFen: Fen;
    readonly gatewayRef: string;
  }
>;

/** An operator has seen to a notice that was refused. `reason`: in the operator's words, or a code. */
export type PaymentNoticeDismissed = DomainEvent<
  'PaymentNoticeDismissed',
  OfOrder & {
    readonly outcome: 'paid' | 'declined';
    readonly version: number;
    readonly amountFen: Fen;
    readonly reason: string;
  }
>;

export type PaymentEvent =
  | PaymentCreated
  | PaymentSucceeded
  | PaymentDeclined
  | PaymentClosed
  | PaymentRefundRequested
  | PaymentRefunded
  | PaymentNoticeRefused
  | PaymentNoticeDismissed;
