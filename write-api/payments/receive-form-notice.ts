// Receives the notices of the channel `form`: form fields signed with RSA, amounts in yuan.
import { receiveNotice } from '@railhead/commands/payments/receive-notice.ts';
import type { FormNoticeReader } from '@railhead/commands/ports/form-notice-reader.ts';
import type { TransactDeps } from '@railhead/commands/streams/transact.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { Problem } from '@railhead/http/problem.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { z } from 'zod';
import { noticeShape, type ReceiveNoticeRouteDeps } from './receive-notice.ts';

export type ReceiveFormNoticeDeps = Pick<ReceiveNoticeRouteDeps, 'heardOfUnknown'> &
  TransactDeps & { readonly formReader: FormNoticeReader };

export const receiveFormNoticeRoute = (deps: ReceiveFormNoticeDeps): Route =>
  route({
    method: 'post',
    path: '/v1/payments/form-callback',
    operationId: 'receiveFormPaymentNotice',
    summary: 'The payment gateway of the channel `form` reports an outcome',
    tag: 'payments',
    access: 'public',
    unlimited: true,
    rawBody: true,
    body: z.object({
      paymentNo: z.string(),
      outcome: z.enum(['paid', 'declined']),
      version: z.string(),
      amount: z.string().meta({ description: 'Yuan with two decimals: `606.50`.' }),
      gatewayRef: z.string(),
      timestamp: z.string().meta({ description: 'Unix seconds.' }),
      sign: z.string().meta({ description: 'Base64 of RSA-SHA256 over `name=value`, sorted by name, joined by `&`.' }),
    }),
    responses: {
      200: { description: 'Heard; nothing changes by hearing it again.', schema: z.object({ changed: z.boolean() }) },
    },
    problems: ['SIGNATURE_INVALID', 'PAYMENT_UNKNOWN', 'AMOUNT_MISMATCH', 'PAYMENT_STATE'],
    handle: async ({ bytes }) => {
      const opened = await deps.formReader.read(bytes);
      if (opened === undefined)
        throw new Problem('SIGNATURE_INVALID', 'the notice is not signed by the gateway, or too old');
      const notice = noticeShape.safeParse(opened.message);
      if (!notice.success) throw new Problem('INVALID_REQUEST', notice.error.issues[0]?.message ?? 'not a notice');
      const heard = await receiveNotice(deps, notice.data, 'form');
      if (!heard.ok) {
        if (heard.refusal.code === 'PAYMENT_UNKNOWN') deps.heardOfUnknown?.(notice.data.paymentNo);
        return { refused: heard.refusal };
      }
      return { status: 200, body: { changed: heard.value.changed }, headers: positionHeader(heard.value.position) };
    },
  });
