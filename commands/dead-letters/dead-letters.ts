// What an operator may do with a payment notice that was refused: ask the gateway once more, or dismiss it with a reason.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { decide } from '@railhead/domain/payment/decide.ts';
import { type NoticeId, noticeOf } from '@railhead/domain/payment/refused-notice.ts';
import { orderNoOfPayment, paymentCategory } from '@railhead/domain/payment/stream.ts';
import { hearGateway } from '../payments/hear-gateway.ts';
import type { Position } from '../ports/event-store.ts';
import type { PaymentAtGateway, PaymentGateway } from '../ports/payment-gateway.ts';
import { load } from '../streams/load.ts';
import { type TransactDeps, transact } from '../streams/transact.ts';

export type DeadLetterDeps = TransactDeps & { readonly gateway: PaymentGateway };

export type OfOperator = { readonly id: string; readonly operator: string; readonly correlationId: string };

type Unknown = 'DEAD_LETTER_UNKNOWN';

/** Written down as the reason where the gateway's answer settled it. */
export const SETTLED_BY_GATEWAY = 'SETTLED_BY_GATEWAY';

/** Asks the gateway how the payment stands, and hears its answer as a notice. Throws `GatewayError`. */
export const replayLetter = async (
  deps: DeadLetterDeps,
  { id, operator, correlationId }: OfOperator,
): Promise<
  Result<{ readonly status: PaymentAtGateway['status']; readonly settled: boolean }, Unknown | 'CONTENDED'>
> => {
  const notice = noticeOf(id);
  if (notice === undefined) return unknown(id);
  const { state: payment } = await load(deps.store, paymentCategory, notice.paymentNo);
  if (!payment.refused.some((one) => isSame(one, notice))) return unknown(id);
  const said = await deps.gateway.query(payment);
  const isBelieved = await hearGateway(deps, notice.paymentNo, said);
  const isSettled = isBelieved && (said.status === 'paid' || said.status === 'closed');
  if (!isSettled) return accept({ status: said.status, settled: false });
  const done = await dismissLetter(deps, { id, operator, correlationId, reason: SETTLED_BY_GATEWAY });
  return done.ok ? accept({ status: said.status, settled: true }) : done;
};

/** What was dismissed before stays as it was. */
export const dismissLetter = async (
  deps: TransactDeps,
  { id, operator, correlationId, reason }: OfOperator & { readonly reason: string },
): Promise<Result<{ readonly position: Position }, Unknown | 'CONTENDED'>> => {
  const notice = noticeOf(id);
  if (notice === undefined) return unknown(id);
  const origin = { commandId: `${id}/dismiss`, actor: operator, correlationId };
  const done = await transact(deps, paymentCategory, notice.paymentNo, origin, (payment) =>
    decide(payment, { type: 'DismissNotice', ...notice, reason }),
  );
  if (done.ok) return accept({ position: done.value.position });
  return done.refusal.code === 'CONTENDED'
    ? refuse('CONTENDED', `others write about payment ${orderNoOfPayment(notice.paymentNo)}`)
    : unknown(id);
};

const unknown = (id: string) => refuse('DEAD_LETTER_UNKNOWN', `no refused notice is called ${id}`);

const isSame = (one: Omit<NoticeId, 'paymentNo'>, { outcome, version, amountFen }: NoticeId): boolean =>
  one.outcome === outcome && one.version === version && one.amountFen === amountFen;
