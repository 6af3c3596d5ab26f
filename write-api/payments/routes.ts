import type { CreatePaymentDeps } from '@railhead/commands/payments/create-payment.ts';
import type { Route } from '@railhead/http/route.ts';
import { createPaymentRoute } from './create-payment.ts';
import { type ReceiveFormNoticeDeps, receiveFormNoticeRoute } from './receive-form-notice.ts';
import { type ReceiveNoticeRouteDeps, receiveNoticeRoute } from './receive-notice.ts';

export const paymentCommands = (
  deps: CreatePaymentDeps & ReceiveNoticeRouteDeps & ReceiveFormNoticeDeps,
): readonly Route[] => [createPaymentRoute(deps), receiveNoticeRoute(deps), receiveFormNoticeRoute(deps)];
