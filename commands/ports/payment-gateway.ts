// The payment gateway as Railhead uses it. Whether money came in is told later, by signed notices.
import type { Currency, Fen } from '@railhead/domain/kernel/money.ts';

export type GatewayPayment = {
  readonly paymentNo: string;
  readonly orderNo: string;
  readonly amountFen: Fen;
  readonly currency: Currency;
};

/** `amountFen`: what goes back. The gateway never gives back more than was paid. */
export type GatewayRefund = GatewayPayment & { readonly refundNo: string };

/** Both calls may be repeated: the gateway knows a payment and a refund by its number. */
export interface PaymentGateway {
  /** Registers the payment; the payer completes it at `payUrl`. Throws `GatewayError`. */
  createPayment(payment: GatewayPayment): Promise<{ readonly payUrl: string }>;
  /** Refunds part of a payment or all of it, once for each `refundNo`; resolves when the gateway has accepted the refund. Throws `GatewayError`. */
  refund(refund: GatewayRefund): Promise<{ readonly gatewayRef: string }>;
}

/** The gateway could not be reached, or did not do what was asked. Asking again is safe. */
export class GatewayError extends Error {
  readonly code: 'GATEWAY_UNAVAILABLE' | 'GATEWAY_REFUSED';
  constructor(code: 'GATEWAY_UNAVAILABLE' | 'GATEWAY_REFUSED', message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GatewayError';
    this.code = code;
  }
}
