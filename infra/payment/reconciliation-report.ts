// The report of a comparison with a gateway's statement, as people and programs read it.
import type { ReconciliationReport } from '@railhead/commands/ports/reconciliation-reports.ts';
import type { Difference, Reconciled } from '@railhead/commands/reconciliation/reconcile-payments.ts';

const REPAIRS: Readonly<Record<Difference['code'], string>> = {
  MISSING_HERE: 'the log has no such payment: find out who it belongs to, or have the gateway refund it',
  MISSING_THERE: 'the log counts money that the gateway does not state: ask the gateway, and keep its answer',
  AMOUNT: 'the amounts differ: ask the gateway, and refund or claim the difference',
  STATUS: 'the log does not count the money: have the gateway send its notice again',
  TWICE: 'the gateway states it twice: have one of the two taken back',
};

/** Gateways send no notices of refunds. */
const REPAIRS_OF_REFUNDS: Partial<typeof REPAIRS> = {
  MISSING_HERE: 'the log has no such payment: ask the gateway whose money it paid back, and why',
  STATUS: 'the log did not ask for this refund: ask the gateway why it paid the money back',
  AMOUNT: 'the amounts differ: ask the gateway what it paid back, and pay or claim the difference',
};

export const repairOf = ({ code, action, kind }: Difference): string => {
  if (action === 'alarm') return (kind === 'refund' ? REPAIRS_OF_REFUNDS[code] : undefined) ?? REPAIRS[code];
  return kind === 'refund'
    ? 'none needed: the refund is asked for again until it is confirmed'
    : 'none needed: the gateway is asked until the payment is known';
};

/** `date`: YYYY-MM-DD. */
export const paymentsTaskOf = (date: string): string => `reconciliation_payments_${date.replaceAll('-', '')}`;

/** Instants are RFC 3339. */
export const reconciliationReport = (
  date: string,
  started: string,
  ended: string,
  { checked, hereFen, thereFen, differences }: Reconciled,
): ReconciliationReport => {
  const auto = differences.filter(({ action }) => action === 'auto').length;
  return {
    task_id: paymentsTaskOf(date),
    start_time: started,
    end_time: ended,
    total_checked: checked,
    inconsistent_count: differences.length,
    auto_fixed_count: auto,
    manual_fix_count: differences.length - auto,
    railhead_fen: hereFen,
    gateway_fen: thereFen,
    inconsistent_details: differences.map((one) => ({
      code: one.code,
      kind: one.kind,
      payment_no: one.paymentNo,
      ...(one.refundNo === '' ? {} : { refund_no: one.refundNo }),
      status: one.status,
      railhead_fen: one.hereFen,
      gateway_fen: one.thereFen,
      diff: one.hereFen - one.thereFen,
      action: one.action,
      repair: repairOf(one),
    })),
  };
};
