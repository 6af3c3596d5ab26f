import { describe, expect, test } from '@jest/globals';
import { BEIJING } from '@railhead/tests/support/fixed-clock.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { PaymentsInLog, reconcilePayments, type StatedMovement } from './reconcile-payments.ts';

const DAY = '2026-11-30';
const NOON = `${DAY}T12:00:00.000+08:00`;

type Happened = { readonly type: string; readonly at?: string; readonly data?: object };

/** The events of payment `paymentNo`, of 500 fen. */
const logOf = (...payments: readonly (readonly [paymentNo: string, ...events: readonly Happened[]])[]) => {
  const log = new PaymentsInLog('sandbox');
  // Safe cast: with what the fold of payments reads.
  for (const [paymentNo, ...events] of payments)
    for (const { type, at = NOON, data = {} } of events)
      log.add({
        type,
        version: 1,
        stream: `payment-${paymentNo}`,
        data: {
          paymentNo,
          ...{ orderNo: 'N', channel: 'sandbox', amountFen: 500, version: 1, refundNo: `${paymentNo}R1` },
          ...data,
        },
        meta: { at },
      } as unknown as RecordedEvent);
  return log;
};
const created = { type: 'PaymentCreated' };
const succeeded = { type: 'PaymentSucceeded' };
const refunding = { type: 'PaymentRefundRequested' };
const refunded = { type: 'PaymentRefunded' };

const payment = (paymentNo: string, more: Partial<StatedMovement> = {}): StatedMovement => ({
  kind: 'payment',
  at: NOON,
  paymentNo,
  refundNo: '',
  amountFen: 500,
  ...more,
});
const refund = (paymentNo: string, more: Partial<StatedMovement> = {}): StatedMovement =>
  payment(paymentNo, { kind: 'refund', refundNo: `${paymentNo}R1`, ...more });

const differences = (log: PaymentsInLog, stated: readonly StatedMovement[]) =>
  reconcilePayments(log, stated, DAY, BEIJING).differences.map(
    ({ code, kind, paymentNo, hereFen, thereFen, status, action }) =>
      `${code} ${kind} ${paymentNo} ${hereFen} ${thereFen} ${status} ${action}`,
  );

describe('given a log and a statement', () => {
  test('when both have the same movements, then there is no difference, and the sums are equal', () => {
    const log = logOf(['P1', created, succeeded], ['P2', created, succeeded, refunding, refunded]);
    expect(reconcilePayments(log, [payment('P1'), payment('P2'), refund('P2')], DAY, BEIJING)).toEqual({
      checked: 3,
      hereFen: 500,
      thereFen: 500,
      differences: [],
    });
  });

  test('when the log does not know a payment, then it is missing here', () => {
    expect(differences(logOf(), [payment('P1')])).toEqual(['MISSING_HERE payment P1 0 500 ABSENT alarm']);
  });

  test('when the statement does not have a movement of the day, then it is missing there', () => {
    const log = logOf(['P1', created, succeeded, refunding, refunded]);
    expect(differences(log, [payment('P1')])).toEqual(['MISSING_THERE refund P1 500 0 REFUNDED alarm']);
    expect(differences(log, [])).toHaveLength(2);
  });

  test('when the amounts differ, then both are named', () => {
    const log = logOf(['P1', created, succeeded]);
    expect(differences(log, [payment('P1', { amountFen: 501 })])).toEqual([
      'AMOUNT payment P1 500 501 SUCCEEDED alarm',
    ]);
  });

  test('when the log does not count money of a payment that it knows, then the status differs, and some of it is repaired by asking', () => {
    const log = logOf(
      ['P1', created],
      ['P2', created, { type: 'PaymentClosed' }],
      ['P3', created, succeeded, refunding],
      ['P4', created, succeeded],
      ['P5', created, { type: 'PaymentNoticeRefused', data: { outcome: 'paid' } }],
      ['P6', created, { type: 'PaymentDeclined' }],
    );
    expect(
      differences(log, [
        ...[payment('P1'), payment('P2'), payment('P3'), refund('P3'), payment('P4'), refund('P4')],
        ...[payment('P5'), payment('P6')],
      ]),
    ).toEqual([
      'STATUS payment P1 0 500 CREATED auto',
      'STATUS payment P2 0 500 CLOSED alarm',
      'STATUS refund P3 0 500 REFUNDING auto',
      'STATUS refund P4 0 500 SUCCEEDED alarm',
      'STATUS payment P5 0 500 CREATED alarm',
      'STATUS payment P6 0 500 DECLINED auto',
    ]);
  });

  test('when a refund is stated with another amount than the log asks for, then a person has to look, as the gateway refuses it for ever', () => {
    const asked = (amountFen: number) => ({ ...refunding, data: { amountFen } });
    const log = logOf(
      ['P1', created, succeeded, asked(200)],
      ['P2', created, succeeded, asked(300)],
      ['P3', created, succeeded, asked(300)],
    );
    const other = refund('P3', { refundNo: 'P3R2', amountFen: 200 });
    const stated = [refund('P1', { amountFen: 300 }), refund('P2', { amountFen: 300 }), other];
    expect(differences(log, [payment('P1'), payment('P2'), payment('P3'), ...stated])).toEqual([
      'AMOUNT refund P1 200 300 REFUNDING alarm',
      'STATUS refund P2 0 300 REFUNDING auto',
      'STATUS refund P3 0 200 REFUNDING alarm',
    ]);
  });

  test('when a movement is stated twice, then it is named once more', () => {
    const log = logOf(['P1', created, succeeded]);
    expect(differences(log, [payment('P1'), payment('P1')])).toEqual(['TWICE payment P1 500 500 SUCCEEDED alarm']);
  });

  test('when the money moved before midnight and was heard of after it, then the statements of both days explain it', () => {
    const before = '2026-11-29T23:59:59.000+08:00';
    const log = logOf(['P1', created, { ...succeeded, at: `${DAY}T00:00:01.000+08:00` }]);
    expect(differences(log, [payment('P1', { at: before })])).toEqual([]);
    expect(reconcilePayments(log, [payment('P1', { at: before })], '2026-11-29', BEIJING).differences).toEqual([]);
  });
});
