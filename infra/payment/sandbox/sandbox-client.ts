// The merchant's side of the sandbox gateway: the PaymentGateway port over signed HTTP.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { GatewayError, type GatewayPayment, type PaymentGateway } from '@railhead/commands/ports/payment-gateway.ts';
import { z } from 'zod';
import { SIGNATURE_HEADER, signatureOf } from '../signature.ts';
import { GATEWAY_PATH } from './sandbox-gateway.ts';

/** A payer waits for this call, so it must fail rather than hang. */
const TIMEOUT_MS = 3_000;

export type SandboxClientOptions = {
  /**
   * The gateway's address (`http://127.0.0.1:8080`). Asked for at each call, because the port may be picked at the
   * start.
   */
  readonly gatewayUrl: () => string;
  /** The URL to which the gateway sends its notices. */
  readonly notifyUrl: () => string;
  readonly secret: string;
  readonly clock: Clock;
};

export class SandboxClient implements PaymentGateway {
  readonly #options: SandboxClientOptions;

  constructor(options: SandboxClientOptions) {
    this.#options = options;
  }

  async createPayment(payment: GatewayPayment): Promise<{ readonly payUrl: string }> {
    const body = { ...payment, notifyUrl: this.#options.notifyUrl() };
    const answer = z.object({ payPath: z.string() }).parse(await this.#post(`${GATEWAY_PATH}/payments`, body));
    return { payUrl: this.#options.gatewayUrl() + answer.payPath };
  }

  async refund({ paymentNo, amountFen }: GatewayPayment): Promise<{ readonly gatewayRef: string }> {
    const answer = await this.#post(`${GATEWAY_PATH}/payments/${paymentNo}/refund`, { paymentNo, amountFen });
    return z.object({ gatewayRef: z.string() }).parse(answer);
  }

  async #post(path: string, value: unknown): Promise<unknown> {
    const { gatewayUrl, secret, clock } = this.#options;
    const body = Buffer.from(JSON.stringify(value));
    let response: Response;
    try {
      response = await fetch(gatewayUrl() + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', [SIGNATURE_HEADER]: signatureOf(secret, clock.now(), body) },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (cause) {
      throw new GatewayError('GATEWAY_UNAVAILABLE', 'the payment gateway does not answer', { cause });
    }
    if (response.status >= 500)
      throw new GatewayError('GATEWAY_UNAVAILABLE', `the gateway answered ${response.status}`);
    if (!response.ok) throw new GatewayError('GATEWAY_REFUSED', `the gateway answered ${response.status}`);
    return response.json();
  }
}
