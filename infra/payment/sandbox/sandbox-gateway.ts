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
    app.post(`${GATEWAY_PATH}/payments`, raw, (request, response) => this.#register(request, response));
    app.post(`${GATEWAY_PATH}/payments/:paymentNo/refund`, raw, (request, response) => this.#refund(request, response));
    app.post(`${GATEWAY_PATH}/pay/:paymentNo/:token`, raw, (request, response) => this.#pay(request, response));
    app.get(`${GATEWAY_PATH}/pay/:paymentNo/:token`, (request, response) => this.#show(request, response));
  }

  #register(request: Request, response: Response): Response {
    if (!this.#isMerchant(request))
      return refuse(response, 'SIGNATURE_INVALID', 'this is not signed by the merchant, or too old');
    const payment = paymentShape.safeParse(parseJson(request));
    if (!payment.success) return refuse(response, 'INVALID_REQUEST', wrongIn(payment.error));
    const known = this.#store.find(payment.data.paymentNo);
    if (known !== undefined && known.amountFen !== payment.data.amountFen)
      return refuse(response, 'PAYMENT_EXISTS', `it is for ${known.amountFen} fen`);
    this.#store.create(payment.data);
    const { paymentNo } = payment.data;
    const token = payTokenOf(this.#options.secret, paymentNo);
    return response.status(201).json({ payPath: `${GATEWAY_PATH}/pay/${paymentNo}/${token}` });
  }

  #pay(request: Request, response: Response): Response {
    const payment = this.#payable(request);
    if (payment === undefined) return refuse(response, 'PAYMENT_UNKNOWN', 'no payment has this URL');
    const wanted = outcomeShape.safeParse(parseJson(request));
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

  #refund(request: Request, response: Response): Response {
    if (!this.#isMerchant(request))
      return refuse(response, 'SIGNATURE_INVALID', 'this is not signed by the merchant, or too old');
    const wanted = refundShape.safeParse(parseJson(request));
    if (!wanted.success || wanted.data.paymentNo !== request.params.paymentNo)
      return refuse(response, 'INVALID_REQUEST', 'the body has to name the payment of the path, and its amount');
    const payment = this.#store.find(wanted.data.paymentNo);
    if (payment === undefined) return refuse(response, 'PAYMENT_UNKNOWN', 'no payment has this URL');
    if (payment.amountFen !== wanted.data.amountFen)
      return refuse(response, 'AMOUNT_MISMATCH', `it is of ${payment.amountFen} fen`);
    if (payment.status !== 'paid' && payment.status !== 'refunded')
      return refuse(response, 'PAYMENT_NOT_PAID', `it is ${payment.status}`);
    if (payment.status === 'paid') this.#store.change(payment.paymentNo, 'refunded', payment.version + 1, undefined);
    return response.status(200).json({ gatewayRef: `sandbox-refund-${payment.paymentNo}` });
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

  #isMerchant(request: Request): boolean {
    return verifySignature(this.#options.secret, request.get(SIGNATURE_HEADER), bytesOf(request), {
      nowMs: this.#options.clock.now(),
      toleranceSeconds: TOLERANCE_SECONDS,
    });
  }
}

const bytesOf = (request: Request): Uint8Array => {
  const body: unknown = request.body;
  return body instanceof Uint8Array ? body : new Uint8Array();
};

const parseJson = (request: Request): unknown => {
  try {
    return JSON.parse(Buffer.from(bytesOf(request)).toString('utf8'));
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
