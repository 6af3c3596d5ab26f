// Receives the payment gateway's notices. They are signed and versioned, and may be sent again.
import { receiveNotice } from '@railhead/commands/payments/receive-notice.ts';
import type { NoticeVerifier } from '@railhead/commands/ports/notice-verifier.ts';
import type { TransactDeps } from '@railhead/commands/streams/transact.ts';
import { headerOf } from '@railhead/http/header.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { Problem } from '@railhead/http/problem.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { fenShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

export const noticeShape = z.object({
  paymentNo: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z0-9]+$/),
  outcome: z.enum(['paid', 'declined']),
  version: z.int().min(1),
  amountFen: fenShape,
  gatewayRef: z.string().min(1).max(128),
});

export type ReceiveNoticeRouteDeps = TransactDeps & {
  readonly verifier: NoticeVerifier;
  /** Told of a notice that the gateway signed, of a payment that is not in the log: money may have come for it. */
  readonly heardOfUnknown?: (paymentNo: string) => void;
};

export const receiveNoticeRoute = (deps: ReceiveNoticeRouteDeps): Route =>
  route({
    method: 'post',
    path: '/v1/payments/callback',
    operationId: 'receivePaymentNotice',
    summary: 'The payment gateway reports an outcome',
    tag: 'payments',
    access: 'public',
    unlimited: true,
    rawBody: true,
    body: noticeShape,
    headers: { 'Gateway-Signature': '`t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`' },
    responses: {
      200: { description: 'Heard; nothing changes by hearing it again.', schema: z.object({ changed: z.boolean() }) },
    },
    problems: ['SIGNATURE_INVALID', 'PAYMENT_UNKNOWN', 'AMOUNT_MISMATCH', 'PAYMENT_STATE'],
    handle: async ({ request, bytes }) => {
      if (!deps.verifier.verify((name) => headerOf(request, name), bytes))
        throw new Problem('SIGNATURE_INVALID', 'the notice is not signed by the gateway, or too old');
      const notice = noticeShape.safeParse(parseJson(bytes));
      if (!notice.success) throw new Problem('INVALID_REQUEST', notice.error.issues[0]?.message ?? 'not a notice');
      const heard = await receiveNotice(deps, notice.data, 'sandbox');
      if (!heard.ok) {
        if (heard.refusal.code === 'PAYMENT_UNKNOWN') deps.heardOfUnknown?.(notice.data.paymentNo);
        return { refused: heard.refusal };
      }
      return { status: 200, body: { changed: heard.value.changed }, headers: positionHeader(heard.value.position) };
    },
  });

const parseJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new Problem('BODY_NOT_JSON', 'the body cannot be parsed as JSON');
  }
};
