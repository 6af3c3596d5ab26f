// The sandbox payment gateway: it stands in for a payment platform and behaves like one. The merchant registers a
// payment, the payer pays or is declined at its URL, and a signed notice follows later. It keeps a book of its own.
import { join } from 'node:path';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { PaymentAtGateway } from '@railhead/commands/ports/payment-gateway.ts';
import { Problem } from '@railhead/http/problem.ts';
import express, { type Express, type Request, type Response } from 'express';
import { z } from 'zod';
import type { Dialect } from '../dialect.ts';
import { jsonDialect } from '../json-dialect.ts';
import { SIGNATURE_HEADER, verifySignature } from '../signature.ts';
import { type GatewayRecord, GatewayStore } from './gateway-store.ts';
import { NoticeSender } from './notice-sender.ts';
import { GATEWAY_PATH } from './paths.ts';
import { mountPayPage } from './pay-page.ts';
import { payTokenOf } from './pay-token.ts';
import { statementOf } from './statement.ts';

export type SandboxGatewayOptions = {
  /** The folder of `gateway.db`. */
  readonly folder: string;
  readonly secret: string;
  /** How it speaks with the merchant: JSON, unless another is given with its own path and file. */
  readonly spoken?: { readonly dialect: Dialect; readonly path: string; readonly file: string };
  readonly clock: Clock;
  readonly logger: Logger;
};

const number = z.string().min(1).max(64);
const paymentShape = z.object({
  paymentNo: number,
  orderNo: number,
  amountFen: z.int().min(1),
  currency: z.string().length(3),
  notifyUrl: z.url(),
});
/** The signature covers only the body, so the body names the payment. */
const namedShape = z.object({ paymentNo: number });
const refundShape = namedShape.extend({ refundNo: number, amountFen: z.int().min(1) });

export type GatewayAnswer = { readonly status: number; readonly body: object };

const MESSAGE_PATH = /^\/payments\/([^/]+)\/(refund|query|close|resend)$/;

const BODY_LIMIT = 16_384;
const TOLERANCE_SECONDS = 300;

export class SandboxGateway {
  readonly #store: GatewayStore;
  readonly #sender: NoticeSender;
  readonly #options: SandboxGatewayOptions;
  readonly #dialect: Dialect;
  readonly #path: string;

  constructor(options: SandboxGatewayOptions) {
    this.#options = options;
    const { secret, spoken = { dialect: jsonDialect(secret), path: GATEWAY_PATH, file: 'gateway.db' } } = options;
    this.#dialect = spoken.dialect;
    this.#path = spoken.path;
    this.#store = new GatewayStore(join(options.folder, spoken.file));
    this.#sender = new NoticeSender(this.#store, this.#dialect, options.clock, options.logger);
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
      this.post(request.path, request.get(SIGNATURE_HEADER), bytesOf(request)).then((answer) => send(response, answer));
    app.post(`${this.#path}/payments`, raw, merchant);
    app.post(`${this.#path}/payments/:paymentNo/:what`, raw, merchant);
    app.get(`${this.#path}/statements/:date`, (request, response) => this.#sendStatement(request, response));
    const { secret, clock } = this.#options;
    mountPayPage(app, { store: this.#store, path: this.#path, secret, clock, noticed: () => this.#sender.wake() });
  }

  /**
   * What the merchant asks. In a process that is its own gateway it does so without HTTP, so that a server which takes no
   * more requests still finishes the payments that were begun.
   */
  async post(path: string, signature: string | undefined, body: Uint8Array): Promise<GatewayAnswer> {
    const header = (name: string) => (name === SIGNATURE_HEADER ? signature : undefined);
    const opened = await this.#dialect.open(header, body, this.#options.clock.now());
    return this.#answering(path, () => {
      if (opened === undefined) throw unsigned();
      const { message } = opened;
      const ownPath = path.startsWith(this.#path) ? path.slice(this.#path.length) : '';
      const [, paymentNo, what] = MESSAGE_PATH.exec(ownPath) ?? [];
      if (paymentNo === undefined) {
        if (ownPath !== '/payments') throw new Problem('NOT_FOUND', 'the gateway has no such path');
        return this.#register(message);
      }
      if (what === 'refund') return this.#refund(paymentNo, message);
      const named = namedShape.safeParse(message);
      if (!named.success || named.data.paymentNo !== paymentNo)
        throw new Problem('INVALID_REQUEST', 'the body has to name the payment of the path');
      if (what === 'close') this.#store.shut(paymentNo);
      if (what === 'resend') this.#resend(paymentNo);
      return { status: 200, body: this.#query(paymentNo) };
    });
  }

  /** The statement of a day of the railway's zone, for whoever signs the path. CSV. */
  statement(date: string): string {
    return statementOf(this.#store, date, this.#options.clock.zone);
  }

  #authenticate(signature: string | undefined, message: Uint8Array): void {
    const { secret, clock } = this.#options;
    const signed = { nowMs: clock.now(), toleranceSeconds: TOLERANCE_SECONDS };
    if (!verifySignature(secret, signature, message, signed)) throw unsigned();
  }

  #answering(path: string, work: () => GatewayAnswer): GatewayAnswer {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { status: error.status, body: error.body(path) };
    }
  }

  #sendStatement(request: Request, response: Response): Response {
    const date = String(request.params.date);
    const answer = this.#answering(request.path, () => {
      this.#authenticate(request.get(SIGNATURE_HEADER), Buffer.from(request.path));
      if (!z.iso.date().safeParse(date).success) throw new Problem('INVALID_REQUEST', `${date} is not a date`);
      return { status: 200, body: {} };
    });
    return answer.status === 200 ? response.type('text/csv').send(this.statement(date)) : send(response, answer);
  }

  #register(message: unknown): GatewayAnswer {
    const payment = paymentShape.safeParse(message);
    if (!payment.success) throw new Problem('INVALID_REQUEST', wrongIn(payment.error));
    const { paymentNo, amountFen } = payment.data;
    const known = this.#store.find(paymentNo);
    if (known?.status === 'closed') throw new Problem('PAYMENT_ENDED', 'it is closed');
    if (known !== undefined && known.amountFen !== amountFen)
      throw new Problem('PAYMENT_EXISTS', `it is for ${known.amountFen} fen`);
    this.#store.create(payment.data);
    const token = payTokenOf(this.#options.secret, paymentNo);
    return { status: 201, body: { payPath: `${this.#path}/pay/${paymentNo}/${token}` } };
  }

  #query(paymentNo: string): object {
    const payment = this.#store.find(paymentNo);
    if (payment === undefined) return { paymentNo, status: 'unknown' };
    return { paymentNo, ...said(payment) };
  }

  /** The notice of the payer's last act once more, also if it lies with the dead letters. */
  #resend(paymentNo: string): void {
    const payment = this.#store.find(paymentNo);
    if (payment === undefined) throw new Problem('PAYMENT_UNKNOWN', 'there is no such payment');
    const now = said(payment);
    if (now.status !== 'paid' && now.status !== 'declined') return;
    const { status: outcome, ...act } = now;
    const body = JSON.stringify({ paymentNo, outcome, ...act });
    this.#store.addNotice({ url: payment.notifyUrl, body, dueMs: this.#options.clock.now() });
    this.#sender.wake();
  }

  #refund(paymentNo: string, message: unknown): GatewayAnswer {
    const wanted = refundShape.safeParse(message);
    if (!wanted.success || wanted.data.paymentNo !== paymentNo)
      throw new Problem('INVALID_REQUEST', 'the body has to name the payment of the path, the refund and its amount');
    const { refundNo, amountFen } = wanted.data;
    const payment = this.#store.find(paymentNo);
    if (payment === undefined) throw new Problem('PAYMENT_UNKNOWN', 'there is no such payment');
    const refunds = this.#store.refundsOf(paymentNo);
    const known = refunds.find((refund) => refund.refundNo === refundNo);
    if (known !== undefined && known.amountFen !== amountFen)
      throw new Problem('AMOUNT_MISMATCH', `the refund is of ${known.amountFen} fen`);
    const gatewayRef = `sandbox-refund-${refundNo}`;
    if (known !== undefined) return { status: 200, body: { gatewayRef } };
    if (payment.status !== 'paid' && payment.status !== 'refunded')
      throw new Problem('PAYMENT_NOT_PAID', `it is ${payment.status}`);
    const leftFen = payment.amountFen - refunds.reduce((sum, refund) => sum + refund.amountFen, 0);
    if (amountFen > leftFen) throw new Problem('AMOUNT_MISMATCH', `${leftFen} fen of it can be refunded`);
    const nowMs = this.#options.clock.now();
    this.#store.refund({ paymentNo, refundNo, amountFen }, nowMs, gatewayRef, amountFen === leftFen);
    return { status: 200, body: { gatewayRef } };
  }
}

/** A payment as the merchant is told of it. */
const said = ({ paymentNo, status, version, amountFen, gatewayRef }: GatewayRecord): PaymentAtGateway => {
  if (status === 'created') return { status: 'open' };
  if (status === 'closed') return { status };
  // A book of an earlier version kept no number of the payer's act.
  const ref = gatewayRef || `sandbox-${paymentNo}`;
  return { status: status === 'declined' ? status : 'paid', version, amountFen, gatewayRef: ref };
};

const send = (response: Response, { status, body }: GatewayAnswer): Response =>
  response
    .status(status)
    .type(status >= 400 ? 'application/problem+json' : 'application/json')
    .send(JSON.stringify(body));

const bytesOf = (request: Request): Uint8Array => {
  const body: unknown = request.body;
  return body instanceof Uint8Array ? body : new Uint8Array();
};

const unsigned = (): Problem => new Problem('SIGNATURE_INVALID', 'this is not signed by the merchant, or too old');

const wrongIn = ({ issues: [first] }: z.ZodError): string =>
  `${['body', ...(first?.path ?? [])].join('.')}: ${first?.message}`;
