// The sandbox payment gateway: it stands in for a payment platform and behaves like one. The merchant registers a
// payment, the payer pays or is declined at its URL, and a signed notice follows later.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { Problem, type ProblemCode } from '@railhead/http/problem.ts';
import express, { type Express, type Request, type Response } from 'express';
import { z } from 'zod';
import { SIGNATURE_HEADER, verifySignature } from '../signature.ts';
import { type GatewayRecord, GatewayStore } from './gateway-store.ts';
import { NoticeSender } from './notice-sender.ts';
import { isPayToken, payTokenOf } from './pay-token.ts';

export const GATEWAY_PATH = '/sandbox-gateway';

export type SandboxGatewayOptions = {
  /** The folder of `gateway.db`. */
  readonly folder: string;
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
};

const paymentShape = z.object({
  paymentNo: z.string().min(1).max(64),
  orderNo: z.string().min(1).max(64),
  amountFen: z.int().min(1),
  currency: z.string().length(3),
  notifyUrl: z.url(),
});
/** The signature covers only the body, so the body names the payment. */
const refundShape = z.object({ paymentNo: z.string(), amountFen: z.int() });
const outcomeShape = z.strictObject({ outcome: z.enum(['paid', 'declined']) });

export type GatewayAnswer = { readonly status: number; readonly body: object };

const REFUND_PATH = new RegExp(`^${GATEWAY_PATH}/payments/([^/]+)/refund$`);

const BODY_LIMIT = 16_384;
const TOLERANCE_SECONDS = 300;

export class SandboxGateway {
  readonly #store: GatewayStore;
  readonly #sender: NoticeSender;
  readonly #options: SandboxGatewayOptions;

  constructor(options: SandboxGatewayOptions) {
    this.#options = options;
    this.#store = new GatewayStore(join(options.folder, 'gateway.db'));
    this.#sender = new NoticeSender(this.#store, options.secret, options.clock, options.logger);
  }

  /** Continues with the notices that an earlier process did not deliver. */
  start(): void {
    this.#sender.wake();
  }

  /** Sends no notice any more; payments are still taken, and told of in the next life. Resolves when none is on its way. */
  hold(): Promise<void> {
    return this.#sender.stop();
  }

  async stop(): Promise<void> {
    await this.#sender.stop();
    this.#store.close();
  }

  mount(app: Express): void {
    const raw = express.raw({ limit: BODY_LIMIT, type: () => true });
    const merchant = (request: Request, response: Response): Promise<Response> =>
      this.post(request.path, request.get(SIGNATURE_HEADER), bytesOf(request)).then(({ status, body }) =>
        response
          .status(status)
          .type(status >= 400 ? 'application/problem+json' : 'application/json')
          .send(JSON.stringify(body)),
      );
    app.post(`${GATEWAY_PATH}/payments`, raw, merchant);
    app.post(`${GATEWAY_PATH}/payments/:paymentNo/refund`, raw, merchant);
    app.post(`${GATEWAY_PATH}/pay/:paymentNo/:token`, raw, (request, response) => this.#pay(request, response));
    app.get(`${GATEWAY_PATH}/pay/:paymentNo/:token`, (request, response) => this.#show(request, response));
  }

  /**
   * What the merchant asks. In a process that is its own gateway it does so without HTTP, so that a server which takes no
   * more requests still finishes the payments that were begun.
   */
  async post(path: string, signature: string | undefined, body: Uint8Array): Promise<GatewayAnswer> {
    try {
      const { secret, clock } = this.#options;
      const signed = { nowMs: clock.now(), toleranceSeconds: TOLERANCE_SECONDS };
      if (!verifySignature(secret, signature, body, signed))
        throw new Problem('SIGNATURE_INVALID', 'this is not signed by the merchant, or too old');
      const [, paymentNo] = REFUND_PATH.exec(path) ?? [];
      return paymentNo === undefined ? this.#register(body) : this.#refund(paymentNo, body);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { status: error.status, body: error.body(path) };
    }
  }

  #register(body: Uint8Array): GatewayAnswer {
    const payment = paymentShape.safeParse(parseJson(body));
    if (!payment.success) throw new Problem('INVALID_REQUEST', wrongIn(payment.error));
    const { paymentNo, amountFen } = payment.data;
    const known = this.#store.find(paymentNo);
    if (known !== undefined && known.amountFen !== amountFen)
      throw new Problem('PAYMENT_EXISTS', `it is for ${known.amountFen} fen`);
    this.#store.create(payment.data);
    const token = payTokenOf(this.#options.secret, paymentNo);
    return { status: 201, body: { payPath: `${GATEWAY_PATH}/pay/${paymentNo}/${token}` } };
  }

  #refund(paymentNo: string, body: Uint8Array): GatewayAnswer {
    const wanted = refundShape.safeParse(parseJson(body));
    if (!wanted.success || wanted.data.paymentNo !== paymentNo)
      throw new Problem('INVALID_REQUEST', 'the body has to name the payment of the path, and its amount');
    const payment = this.#store.find(paymentNo);
    if (payment === undefined) throw new Problem('PAYMENT_UNKNOWN', 'there is no such payment');
    if (payment.amountFen !== wanted.data.amountFen)
      throw new Problem('AMOUNT_MISMATCH', `it is of ${payment.amountFen} fen`);
    if (payment.status !== 'paid' && payment.status !== 'refunded')
      throw new Problem('PAYMENT_NOT_PAID', `it is ${payment.status}`);
    if (payment.status === 'paid') this.#store.change(paymentNo, 'refunded', payment.version + 1, undefined);
    return { status: 200, body: { gatewayRef: `sandbox-refund-${paymentNo}` } };
  }

  #pay(request: Request, response: Response): Response {
    const payment = this.#payable(request);
    if (payment === undefined) return refuse(response, 'PAYMENT_UNKNOWN', 'no payment has this URL');
    const wanted = outcomeShape.safeParse(parseJson(bytesOf(request)));
    if (!wanted.success) return refuse(response, 'INVALID_REQUEST', wrongIn(wanted.error));
    const { outcome } = wanted.data;
    if (payment.status !== 'created') {
      if (payment.status !== outcome) return refuse(response, 'PAYMENT_ENDED', `it is ${payment.status}`);
    } else {
      const version = payment.version + 1;
      const { amountFen, notifyUrl } = payment;
      const notice = {
        paymentNo: payment.paymentNo,
        outcome,
        version,
        amountFen,
        gatewayRef: `sandbox-${randomUUID()}`,
      };
      const dueMs = this.#options.clock.now();
      this.#store.change(payment.paymentNo, outcome, version, { url: notifyUrl, body: JSON.stringify(notice), dueMs });
      this.#sender.wake();
    }
    return response.status(200).json({ paymentNo: payment.paymentNo, status: outcome });
  }

  #show(request: Request, response: Response): Response {
    const payment = this.#payable(request);
    if (payment === undefined) return refuse(response, 'PAYMENT_UNKNOWN', 'no payment has this URL');
    const { paymentNo, amountFen, currency, status } = payment;
    return response.json({
      paymentNo,
      amountFen,
      currency,
      status,
      pay: 'POST { "outcome": "paid" | "declined" } to this URL',
    });
  }

  /** The payment that the URL names, for whoever was given that URL; to all others it is as one that never was. */
  #payable({ params: { paymentNo, token } }: Request): GatewayRecord | undefined {
    if (!isPayToken(this.#options.secret, String(paymentNo), String(token))) return undefined;
    return this.#store.find(String(paymentNo));
  }
}

const bytesOf = (request: Request): Uint8Array => {
  const body: unknown = request.body;
  return body instanceof Uint8Array ? body : new Uint8Array();
};

const parseJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
};

const wrongIn = ({ issues: [first] }: z.ZodError): string =>
  `${['body', ...(first?.path ?? [])].join('.')}: ${first?.message}`;

const refuse = (response: Response, code: ProblemCode, detail: string): Response => {
  const problem = new Problem(code, detail);
  // The path is the payment's URL, which is a secret; the gateway's own path says enough.
  return response.status(problem.status).type('application/problem+json').json(problem.body(GATEWAY_PATH));
};
