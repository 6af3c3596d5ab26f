// One port over several gateways: each call goes to the gateway of the payment's channel.
import {
  GatewayError,
  type GatewayPayment,
  type GatewayRefund,
  type PaymentGateway,
  type PaymentName,
} from '@railhead/commands/ports/payment-gateway.ts';

export class GatewaysByChannel implements PaymentGateway {
  readonly #gateways: Readonly<Record<string, PaymentGateway>>;

  constructor(gateways: Readonly<Record<string, PaymentGateway>>) {
    this.#gateways = gateways;
  }

  async createPayment(payment: GatewayPayment) {
    return this.#of(payment).createPayment(payment);
  }

  async query(payment: PaymentName) {
    return this.#of(payment).query(payment);
  }

  async close(payment: PaymentName) {
    return this.#of(payment).close(payment);
  }

  async refund(refund: GatewayRefund) {
    return this.#of(refund).refund(refund);
  }

  /** A payment of a channel that this process does not have waits until it has it again. */
  #of({ channel }: PaymentName): PaymentGateway {
    const gateway = this.#gateways[channel];
    if (gateway === undefined) throw new GatewayError('GATEWAY_UNAVAILABLE', `no gateway has the channel ${channel}`);
    return gateway;
  }
}
