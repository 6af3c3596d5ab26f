// The payment gateway as Railhead uses it. Whether money came in is told later, by signed notices.
import type { Currency, Fen } from '@railhead/domain/kernel/money.ts';

export type GatewayPayment = {
  readonly paymentNo: string;
  readonly orderNo: string;
  readonly amountFen: Fen;
  readonly currency: Currency;
};

/** Both calls may be repeated: the gateway knows a payment by its number and refunds it at most once. */
export interface PaymentGateway {
  /** Registers the payment; the payer completes it at `payUrl`. Throws `GatewayError`. */
  createPayment(payment: GatewayPayment): Promise<{ readonly payUrl: string }>;
  /** Refunds the whole amount; resolves when the gateway has accepted the refund. Throws `GatewayError`. */
  refund(payment: GatewayPayment): Promise<{ readonly gatewayRef: string }>;
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
