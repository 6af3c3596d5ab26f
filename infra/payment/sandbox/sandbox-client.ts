// The merchant's side of the sandbox gateway: the PaymentGateway port over signed messages, by HTTP or in one process.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import {
  type CloseAnswer,
  GatewayError,
  type GatewayPayment,
  type GatewayRefund,
  type PaymentAtGateway,
  type PaymentGateway,
  type PaymentName,
} from '@railhead/commands/ports/payment-gateway.ts';
import { z } from 'zod';
import type { Dialect, Envelope } from '../dialect.ts';
import { SIGNATURE_HEADER } from '../signature.ts';
import { atGateway, GATEWAY_PATH } from './paths.ts';
import type { SandboxGateway } from './sandbox-gateway.ts';

/** A payer waits for this call, so it must fail rather than hang. */
const TIMEOUT_MS = 3_000;
const CONFLICT = 409;

const act = { version: z.int().min(1), amountFen: z.int().min(0), gatewayRef: z.string().min(1) };
const paid = z.object({ status: z.literal('paid'), ...act });
const closed = z.object({ status: z.literal('closed') });
const closeShape = z.discriminatedUnion('status', [paid, closed]);
const queryShape = z.discriminatedUnion('status', [
  paid,
  closed,
  z.object({ status: z.literal('declined'), ...act }),
  z.object({ status: z.enum(['open', 'unknown']) }),
]);

export type SandboxClientOptions = {
  /**
   * The gateway's address (`http://127.0.0.1:8080`). Asked for at each call, because the port may be picked at the
   * start.
   */
  readonly gatewayUrl: () => string;
  /** The URL to which the gateway sends its notices. */
  readonly notifyUrl: () => string;
  readonly dialect: Dialect;
  /** The gateway's path at its address. */
  readonly path?: string;
  readonly clock: Clock;
  /** The gateway, where it is in this process; it is then asked without HTTP. */
  readonly inProcess?: Pick<SandboxGateway, 'post'> | undefined;
};

export class SandboxClient implements PaymentGateway {
  readonly #options: SandboxClientOptions;

  constructor(options: SandboxClientOptions) {
    this.#options = options;
  }

  async createPayment({ channel: _, ...payment }: GatewayPayment): Promise<{ readonly payUrl: string }> {
    const body = { ...payment, notifyUrl: this.#options.notifyUrl() };
    const answer = z.object({ payPath: z.string() }).parse(await this.#post(`/payments`, body));
    return { payUrl: atGateway(this.#options.gatewayUrl(), answer.payPath) };
  }

  async query({ paymentNo }: PaymentName): Promise<PaymentAtGateway> {
    return queryShape.parse(await this.#post(`/payments/${paymentNo}/query`, { paymentNo }));
  }

  async close({ paymentNo }: PaymentName): Promise<CloseAnswer> {
    return closeShape.parse(await this.#post(`/payments/${paymentNo}/close`, { paymentNo }));
  }

  async refund({ paymentNo, refundNo, amountFen }: GatewayRefund): Promise<{ readonly gatewayRef: string }> {
    const body = { paymentNo, refundNo, amountFen };
    const answer = await this.#post(`/payments/${paymentNo}/refund`, body);
    return z.object({ gatewayRef: z.string() }).parse(answer);
  }

  async #post(ownPath: string, value: unknown): Promise<unknown> {
    const { dialect, clock, inProcess, path: gatewayPath = GATEWAY_PATH } = this.#options;
    const path = gatewayPath + ownPath;
    const envelope = await dialect.seal(JSON.stringify(value), clock.now());
    const { status, answer } =
      inProcess === undefined ? await this.#send(path, envelope) : await askedOf(inProcess, path, envelope);
    if (status >= 500) throw new GatewayError('GATEWAY_UNAVAILABLE', `the gateway answered ${status}`);
    const isTaken = status === CONFLICT;
    if (status >= 300) throw new GatewayError('GATEWAY_REFUSED', `the gateway answered ${status}`, { isTaken });
    return answer;
  }

  async #send(path: string, envelope: Envelope): Promise<Asked> {
    try {
      const response = await fetch(atGateway(this.#options.gatewayUrl(), path), {
        method: 'POST',
        ...envelope,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: response.status, answer: response.ok ? await response.json() : undefined };
    } catch (cause) {
      throw new GatewayError('GATEWAY_UNAVAILABLE', 'the payment gateway does not answer', { cause });
    }
  }
}

type Asked = { readonly status: number; readonly answer: unknown };

const askedOf = async (
  gateway: Pick<SandboxGateway, 'post'>,
  path: string,
  { headers, body: message }: Envelope,
): Promise<Asked> => {
  const { status, body } = await gateway.post(path, headers[SIGNATURE_HEADER], message);
  return { status, answer: body };
};
