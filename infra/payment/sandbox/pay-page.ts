// The payer's side of the sandbox gateway: a page with the amount and what the payer may do, at a URL that only the payer
// has. Programs get and send JSON at the same URL, and may ask for faults of the notice that follows.
import { randomUUID } from 'node:crypto';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { Problem, type ProblemCode } from '@railhead/http/problem.ts';
import express, { type Express, type Request, type Response } from 'express';
import { z } from 'zod';
import type { GatewayRecord, GatewayStore, NewNotice } from './gateway-store.ts';
import { GATEWAY_PATH } from './paths.ts';
import { isPayToken } from './pay-token.ts';

export type PayPageDeps = {
  readonly store: GatewayStore;
  readonly secret: string;
  /** The gateway's. */
  readonly path: string;
  readonly clock: Clock;
  /** Called when there are new notices to send. */
  readonly noticed: () => void;
};

/**
 * `late`: a minute later. `outOfOrder`: a decline that came before, but is told after. `never`: the merchant has to ask.
 */
const NOTICES = ['once', 'late', 'twice', 'outOfOrder', 'never'] as const;
type Notices = (typeof NOTICES)[number];

/** `left`: the payer walks away, and the payment stays as it is. */
const actShape = z.strictObject({ outcome: z.enum(['paid', 'declined', 'left']), notice: z.enum(NOTICES).optional() });

const LATE_MS = 60_000;
const BODY_LIMIT = 16_384;

export const mountPayPage = (app: Express, deps: PayPageDeps): void => {
  const path = `${deps.path}/pay/:paymentNo/:token`;
  app.get(path, (request, response) => {
    const payment = payable(deps, request);
    if (payment === undefined) return unknown(response);
    return wantsPage(request) ? sendPage(response, payment) : response.json(described(payment));
  });
  app.post(path, express.raw({ limit: BODY_LIMIT, type: () => true }), (request, response) => {
    const payment = payable(deps, request);
    if (payment === undefined) return unknown(response);
    const act = actShape.safeParse(sentIn(request));
    if (!act.success) return refuse(response, 'INVALID_REQUEST', `body: ${act.error.issues[0]?.message}`);
    const { outcome, notice = 'once' } = act.data;
    const isDone = outcome === 'left' || payment.status === outcome || mayAct(payment);
    if (!isDone && !wantsPage(request)) return refuse(response, 'PAYMENT_ENDED', `it is ${payment.status}`);
    if (outcome !== 'left' && payment.status !== outcome && mayAct(payment)) {
      try {
        perform(deps, payment, outcome, notice);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        return sendProblem(response, error);
      }
    }
    if (wantsPage(request)) return response.redirect(303, request.path);
    return response
      .status(200)
      .json({ paymentNo: payment.paymentNo, status: outcome === 'left' ? payment.status : outcome });
  });
};

const mayAct = ({ status }: GatewayRecord): boolean => status === 'created';

const perform = (
  { store, clock, noticed }: PayPageDeps,
  payment: GatewayRecord,
  outcome: 'paid' | 'declined',
  notices: Notices,
): void => {
  const { paymentNo, amountFen, notifyUrl: url } = payment;
  const atMs = clock.now();
  const notice = (what: 'paid' | 'declined', version: number, gatewayRef: string, dueMs: number): NewNotice => ({
    url,
    body: JSON.stringify({ paymentNo, outcome: what, version, amountFen, gatewayRef }),
    dueMs,
  });
  const gatewayRef = `sandbox-${randomUUID()}`;
  const version = payment.version + (notices === 'outOfOrder' ? 2 : 1);
  const usual = notice(outcome, version, gatewayRef, notices === 'late' ? atMs + LATE_MS : atMs);
  const told: Readonly<Record<Notices, readonly NewNotice[]>> = {
    once: [usual],
    late: [usual],
    twice: [usual, usual],
    outOfOrder: [usual, notice('declined', version - 1, `sandbox-${randomUUID()}`, atMs + 1_000)],
    never: [],
  };
  store.act(payment, outcome, { version, gatewayRef, atMs }, told[notices]);
  noticed();
};

/** The payment that the URL names, for whoever was given that URL; to all others it is as one that never was. */
const payable = ({ secret, store }: PayPageDeps, { params: { paymentNo, token } }: Request) =>
  isPayToken(secret, String(paymentNo), String(token)) ? store.find(String(paymentNo)) : undefined;

/** A form of the page, or JSON. */
const sentIn = (request: Request): unknown => {
  const text = request.body instanceof Uint8Array ? Buffer.from(request.body).toString('utf8') : '';
  if (request.is('application/x-www-form-urlencoded') !== false) return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const wantsPage = (request: Request): boolean => request.accepts(['json', 'html']) === 'html';

const described = ({ paymentNo, amountFen, currency, status }: GatewayRecord): object => ({
  paymentNo,
  amountFen,
  currency,
  status,
  pay: `POST { "outcome": "paid" | "declined" | "left", "notice"?: ${NOTICES.map((one) => `"${one}"`).join(' | ')} } to this URL`,
});

const ENDED: Readonly<Record<GatewayRecord['status'], string>> = {
  created: '',
  paid: 'This payment is paid. You may close this page.',
  declined: 'The payment was declined. Nothing was charged.',
  closed: 'This payment is closed and can no longer be paid. Nothing was charged.',
  refunded: 'This payment was refunded.',
};

const CHOICES = `<form method="post"><button name="outcome" value="paid">Pay</button>
<button name="outcome" value="declined">Decline</button>
<button name="outcome" value="left">Walk away</button></form>`;

const sendPage = (response: Response, payment: GatewayRecord): Response => {
  const amount = `${(payment.amountFen / 100).toFixed(2)} ${escaped(payment.currency)}`;
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  );
  response.setHeader('Cache-Control', 'no-store');
  return response.type('html').send(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sandbox payment gateway</title>
<style>body{font-family:sans-serif;max-width:30rem;margin:4rem auto;padding:0 1rem}button{padding:.7rem 1.4rem}</style>
<h1>${amount}</h1>
<p>Payment ${escaped(payment.paymentNo)} of order ${escaped(payment.orderNo)}. No real money moves here.</p>
${mayAct(payment) ? CHOICES : `<p>${ENDED[payment.status]}</p>`}
</html>
`);
};

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const unknown = (response: Response): Response => refuse(response, 'PAYMENT_UNKNOWN', 'no payment has this URL');

const refuse = (response: Response, code: ProblemCode, detail: string): Response =>
  sendProblem(response, new Problem(code, detail));

const sendProblem = (response: Response, problem: Problem): Response =>
  response
    .set(problem.headers)
    .status(problem.status)
    .type('application/problem+json')
    // The path is the payment's URL, which is a secret; the gateway's own path says enough.
    .json(problem.body(GATEWAY_PATH));
