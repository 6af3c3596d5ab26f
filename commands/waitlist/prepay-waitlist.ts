// Begins the payment by which a waitlist request comes to wait.
import { type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { type CreatedPayment, type CreatePaymentDeps, payFor } from '../payments/create-payment.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import { loadWaitlist } from './load-waitlist.ts';

export type PrepayDeps = CreatePaymentDeps & { readonly runs: Pick<RunDirectory, 'find'> };

export type PrepayWaitlist = {
  readonly waitlistNo: string;
  readonly userId: string;
  readonly channel: string;
  readonly correlationId: string;
};

/** Throws `GatewayError` if the gateway does not answer; calling it again continues. */
export const prepayWaitlist = async (
  deps: PrepayDeps,
  command: PrepayWaitlist,
): Promise<Result<CreatedPayment, 'WAITLIST_NOT_FOUND' | 'WAITLIST_STATE' | 'TOO_MANY_PAYMENTS'>> => {
  const paid = await tryPrepay(deps, command);
  if (paid.ok) return paid;
  const { code, detail, extra } = paid.refusal;
  if (code === 'ORDER_NOT_FOUND') return refuse('WAITLIST_NOT_FOUND', detail);
  if (code === 'ORDER_STATE') return refuse('WAITLIST_STATE', detail, { waitlistStatus: extra?.orderStatus });
  return refuse(code, detail, extra);
};

const tryPrepay = async (deps: PrepayDeps, command: PrepayWaitlist): Promise<Awaited<ReturnType<typeof payFor>>> => {
  const { waitlistNo, ...asked } = command;
  const { state } = await loadWaitlist(deps.store, waitlistNo);
  const { status, request } = state;
  if (request?.userId !== asked.userId) return refuse('ORDER_NOT_FOUND', `no waitlist request ${waitlistNo}`);
  const { prepayFen: amountFen, currency, payBefore } = request;
  // Nobody pays for what nobody can get.
  const runs = await Promise.all(request.choices.map(({ train, date }) => deps.runs.find(train, date)));
  if (runs.every((run) => run?.status === 'cancelled'))
    return refuse('ORDER_STATE', `the trains of waitlist request ${waitlistNo} are cancelled`, { orderStatus: status });
  const payable = { status, isDue: status === 'PENDING', amountFen, currency, payBefore };
  return payFor(deps, { ...asked, orderNo: waitlistNo }, payable, () => tryPrepay(deps, command));
};
