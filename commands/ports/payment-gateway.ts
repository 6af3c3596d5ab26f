// The payment gateway as Railhead uses it. Whether money came in is told by signed notices, and said when it is asked.
import type { Currency, Fen } from '@railhead/domain/kernel/money.ts';

/** Every payment is by one of them; each has a gateway. */
export const PAYMENT_CHANNELS = ['sandbox', 'form'] as const;

/** `channel` names the gateway, where there are several. */
export type PaymentName = { readonly paymentNo: string; readonly channel: string };

export type GatewayPayment = PaymentName & {
  readonly orderNo: string;
  readonly amountFen: Fen;
  readonly currency: Currency;
};

/** What the gateway says of the payer's act. `version` and `gatewayRef` are those of the notice that tells the same. */
export type PayersAct = {
  readonly status: 'paid' | 'declined';
  readonly version: number;
  readonly amountFen: Fen;
  readonly gatewayRef: string;
};

/** `open`: the payer may still pay. `unknown`: the gateway has never heard of the payment. */
export type PaymentAtGateway = PayersAct | { readonly status: 'open' | 'closed' | 'unknown' };

/** `closed`: nobody can pay any more, whatever is asked of the gateway later. `paid`: the payer was faster. */
export type CloseAnswer = (PayersAct & { readonly status: 'paid' }) | { readonly status: 'closed' };

/** `amountFen` goes back; all refunds of a payment together are at most what was paid. */
export type GatewayRefund = GatewayPayment & { readonly refundNo: string };

/** Every call may be repeated: the gateway knows a payment and a refund by its number. All throw `GatewayError`. */
export interface PaymentGateway {
  /**
   * Registers the payment; the payer completes it at `payUrl`. Refused as `isTaken` where the number is closed, or is known
   * with another amount.
   */
  createPayment(payment: GatewayPayment): Promise<{ readonly payUrl: string }>;
  /** How the payment stands. Changes nothing. A payment that was refunded since counts as `paid`. */
  query(payment: PaymentName): Promise<PaymentAtGateway>;
  /** Ends the payment unless it is paid. One that the gateway does not know is closed too, before it can be registered. */
  close(payment: PaymentName): Promise<CloseAnswer>;
  /** Pays back; resolves when the gateway has accepted the refund. */
  refund(refund: GatewayRefund): Promise<{ readonly gatewayRef: string }>;
}

/** The gateway could not be reached, or did not do what was asked. Asking again is safe. */
export class GatewayError extends Error {
  readonly code: 'GATEWAY_UNAVAILABLE' | 'GATEWAY_REFUSED';
  /** What was to be registered can never be paid under this number. */
  readonly isTaken: boolean;
  constructor(
    code: 'GATEWAY_UNAVAILABLE' | 'GATEWAY_REFUSED',
    message: string,
    { isTaken = false, ...options }: ErrorOptions & { readonly isTaken?: boolean } = {},
  ) {
    super(message, options);
    this.name = 'GatewayError';
    this.code = code;
    this.isTaken = isTaken;
  }
}
