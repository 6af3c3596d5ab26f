import { describe, expect, test } from '@jest/globals';
import { given } from '@railhead/tests/support/given.ts';
import fc from 'fast-check';
import { decide, MAX_REFUSED_NOTICES, type PaymentCommand } from './decide.ts';
import type { PaymentEvent } from './events.ts';
import { absentPayment, evolve, mayStillBePaid } from './fold.ts';

const ofOrder = { paymentNo: 'N1P1', orderNo: 'N1' };
const AMOUNT_FEN = 70_600;
const details = { ...ofOrder, channel: 'sandbox', amountFen: AMOUNT_FEN, currency: 'CNY' } as const;

const created: PaymentEvent = { type: 'PaymentCreated', version: 1, data: details };
const succeeded = (version = 1): PaymentEvent => ({
  type: 'PaymentSucceeded',
  version: 1,
  data: { ...ofOrder, amountFen: AMOUNT_FEN, version, gatewayRef: 'ref' },
});
const declined = (version: number): PaymentEvent => ({
  type: 'PaymentDeclined',
  version: 1,
  data: { ...ofOrder, version },
});
const closed: PaymentEvent = { type: 'PaymentClosed', version: 1, data: ofOrder };
const refunding = (refundNo: string, amountFen: number): PaymentEvent => ({
  type: 'PaymentRefundRequested',
  version: 2,
  data: { ...ofOrder, refundNo, amountFen, reason: 'order closed' },
});
const refunded = (refundNo: string, amountFen: number): PaymentEvent => ({
  type: 'PaymentRefunded',
  version: 2,
  data: { ...ofOrder, refundNo, amountFen, gatewayRef: 'refund' },
});

const notify = (outcome: 'paid' | 'declined', version: number, amountFen = AMOUNT_FEN): PaymentCommand => ({
  type: 'Notify',
  outcome,
  version,
  amountFen,
  gatewayRef: 'ref',
});
const refusedNotice = (outcome: 'paid' | 'declined', version: number, amountFen: number): PaymentEvent => ({
  type: 'PaymentNoticeRefused',
  version: 1,
  data: { ...ofOrder, code: 'AMOUNT_MISMATCH', outcome, version, amountFen, gatewayRef: 'ref' },
});
const create: PaymentCommand = { type: 'Create', ...details };
const requestRefund = (refundNo = 'R1', amountFen = AMOUNT_FEN): PaymentCommand => ({
  type: 'RequestRefund',
  refundNo,
  amountFen,
  reason: 'order closed',
});
const confirmRefund = (refundNo = 'R1'): PaymentCommand => ({ type: 'ConfirmRefund', refundNo, gatewayRef: 'refund' });
const payment = given(evolve, () => absentPayment);

describe('payment', () => {
  test('is created once', () => {
    payment([]).when(decide, create).emits(created);
    for (const history of [[created], [created, succeeded()], [created, declined(1)]])
      payment(history).when(decide, create).changesNothing();
    expect(payment([created]).state).toEqual({ status: 'CREATED', ...details, version: 0, refunds: {}, refused: [] });
  });

  test('is closed unless money came, and once', () => {
    for (const before of [[created], [created, declined(1)]])
      payment(before).when(decide, { type: 'Close' }).emits(closed);
    for (const before of [
      [created, closed],
      [created, succeeded()],
      [created, succeeded(), refunding('R1', AMOUNT_FEN)],
    ])
      payment(before).when(decide, { type: 'Close' }).changesNothing();
    payment([]).when(decide, { type: 'Close' }).refuses('PAYMENT_UNKNOWN');
  });

  test('a refused notice is dismissed once, and the payment may then be paid as before', () => {
    const { outcome, version, amountFen } = { outcome: 'paid', version: 1, amountFen: 1 } as const;
    const dismiss = { type: 'DismissNotice', outcome, version, amountFen, reason: 'why' } as const;
    const dismissed: PaymentEvent = {
      type: 'PaymentNoticeDismissed',
      version: 1,
      data: { ...ofOrder, outcome, version, amountFen, reason: 'why' },
    };
    const history = [created, refusedNotice(outcome, version, amountFen)];
    payment(history).when(decide, dismiss).emits(dismissed);
    payment([...history, dismissed])
      .when(decide, { ...dismiss, reason: 'otherwise' })
      .changesNothing();
    payment(history)
      .when(decide, { ...dismiss, version: 2 })
      .refuses('NOTICE_UNKNOWN');
    expect(mayStillBePaid(payment([...history, dismissed]).state)).toBe(true);
    payment([...history, dismissed])
      .when(decide, notify(outcome, version, amountFen))
      .changesNothing();
  });

  test('money that comes although the gateway had closed the payment is written down', () => {
    payment([created, closed]).when(decide, notify('paid', 1)).emits(succeeded(1));
    payment([created, closed]).when(decide, notify('declined', 1)).changesNothing();
  });

  test('may still be paid until its end is known, or the gateway says what cannot be right', () => {
    const mayBe = (history: readonly PaymentEvent[]) => mayStillBePaid(payment(history).state);
    expect([[], [created], [created, declined(1)]].map(mayBe)).toEqual([false, true, true]);
    expect(
      [
        [created, closed],
        [created, succeeded()],
      ].map(mayBe),
    ).toEqual([false, false]);
    expect(mayBe([created, refusedNotice('paid', 1, 1)])).toBe(false);
    expect(mayBe([created, refusedNotice('declined', 1, 1)])).toBe(true);
  });

  test('nothing is known of a payment that was never created', () => {
    for (const command of [notify('paid', 1), notify('declined', 1), requestRefund(), confirmRefund()])
      payment([]).when(decide, command).refuses('PAYMENT_UNKNOWN');
  });

  test('a notice changes the payment once', () => {
    payment([created]).when(decide, notify('paid', 1)).emits(succeeded(1));
    payment([created, succeeded(1)])
      .when(decide, notify('paid', 1))
      .changesNothing();
    payment([created, succeeded(1)])
      .when(decide, notify('paid', 2))
      .changesNothing();
    payment([created]).when(decide, notify('declined', 1)).emits(declined(1));
    payment([created, declined(1)])
      .when(decide, notify('declined', 1))
      .changesNothing();
  });

  test('a notice older than the newest decline changes nothing, even if it says paid', () => {
    payment([created, declined(1)])
      .when(decide, notify('declined', 3))
      .emits(declined(3));
    payment([created, declined(1), declined(3)])
      .when(decide, notify('paid', 2))
      .changesNothing();
  });

  test('a second try may succeed where the first was declined', () => {
    payment([created, declined(1)])
      .when(decide, notify('paid', 2))
      .emits(succeeded(2));
  });

  test('money that came in is not declined afterwards, and a late notice changes nothing', () => {
    payment([created, succeeded(2)])
      .when(decide, notify('declined', 1))
      .changesNothing();
    payment([created, succeeded(2)])
      .when(decide, notify('declined', 3))
      .changesNothing();
    payment([created, declined(3)])
      .when(decide, notify('paid', 2))
      .changesNothing();
    payment([created, succeeded(1), refunding('R1', AMOUNT_FEN), refunded('R1', AMOUNT_FEN)])
      .when(decide, notify('paid', 2))
      .changesNothing();
  });

  test('a notice of another amount, too much as well as too little, is written down and changes nothing', () => {
    for (const amountFen of [AMOUNT_FEN - 1, AMOUNT_FEN + 1, 0]) {
      for (const history of [
        [created],
        [created, declined(1)],
        [created, succeeded(2)],
        [created, succeeded(1), refunding('R1', AMOUNT_FEN)],
      ])
        payment(history)
          .when(decide, notify('paid', 1, amountFen))
          .emits(refusedNotice('paid', 1, amountFen));
    }
  });

  test('a refused notice is written once; another version, outcome or amount is another notice, up to a limit', () => {
    const first = refusedNotice('paid', 2, 1);
    const history = [created, first];
    payment(history)
      .when(decide, notify('paid', 2, 1))
      .changesNothing();
    for (const [outcome, version, amountFen] of [
      ['paid', 3, 1],
      ['declined', 2, 1],
      ['paid', 2, 2],
    ] as const)
      payment(history)
        .when(decide, notify(outcome, version, amountFen))
        .emits(refusedNotice(outcome, version, amountFen));
    payment(history).when(decide, notify('paid', 1)).emits(succeeded(1));
    const many = Array.from({ length: MAX_REFUSED_NOTICES }, (_, index) => refusedNotice('paid', index + 1, 1));
    payment([created, ...many.slice(1)])
      .when(decide, notify('paid', 99, 1))
      .emits(refusedNotice('paid', 99, 1));
    payment([created, ...many])
      .when(decide, notify('paid', 99, 1))
      .changesNothing();
  });

  test('only money that came in goes back, and each refund only once', () => {
    const paid = [created, succeeded()];
    const asked = [...paid, refunding('R1', AMOUNT_FEN)];
    payment([created]).when(decide, requestRefund()).refuses('PAYMENT_STATE');
    payment([created, declined(1)])
      .when(decide, requestRefund())
      .refuses('PAYMENT_STATE');
    payment(paid).when(decide, confirmRefund()).refuses('PAYMENT_STATE');
    payment(paid).when(decide, requestRefund()).emits(refunding('R1', AMOUNT_FEN));
    payment(asked).when(decide, requestRefund()).changesNothing();
    payment(asked).when(decide, confirmRefund()).emits(refunded('R1', AMOUNT_FEN));
    const done = [...asked, refunded('R1', AMOUNT_FEN)];
    for (const command of [confirmRefund(), requestRefund()]) payment(done).when(decide, command).changesNothing();
    payment(done).when(decide, requestRefund('R2', 1)).refuses('PAYMENT_STATE');
    expect(payment(done).state.status).toBe('REFUNDED');
  });

  test('goes back in parts, never more than was paid', () => {
    const first = [created, succeeded(), refunding('R1', 100)];
    payment(first)
      .when(decide, requestRefund('R2', AMOUNT_FEN - 100))
      .emits(refunding('R2', AMOUNT_FEN - 100));
    for (const amountFen of [AMOUNT_FEN - 99, AMOUNT_FEN, 0, -1])
      payment(first).when(decide, requestRefund('R2', amountFen)).refuses('PAYMENT_STATE');
    expect(payment(first).state.status).toBe('REFUNDING');
    const part = [...first, refunded('R1', 100)];
    expect(payment(part).state.status).toBe('SUCCEEDED');
    const both = [...part, refunding('R2', AMOUNT_FEN - 100)];
    expect(payment(both).state.status).toBe('REFUNDING');
    expect(payment([...both, refunded('R2', AMOUNT_FEN - 100)]).state.status).toBe('REFUNDED');
    payment(both).when(decide, notify('paid', 9)).changesNothing();
  });
});

const logOf = (commands: readonly PaymentCommand[]): readonly string[] => {
  let now = absentPayment;
  const types: string[] = [];
  for (const command of commands) {
    const decision = decide(now, command);
    for (const event of decision.ok ? decision.value : []) {
      now = evolve(now, event);
      types.push(event.type);
    }
  }
  return types;
};

describe('whatever arrives, in whatever order', () => {
  test('a payment succeeds at most once and is refunded at most once, and not before it succeeded', () => {
    const notices = fc
      .tuple(fc.constantFrom('paid', 'declined'), fc.nat(6), fc.constantFrom(AMOUNT_FEN, AMOUNT_FEN, 1))
      .map((notice) => notify(...notice));
    const anything = fc.oneof(
      { weight: 3, arbitrary: notices },
      fc.constantFrom(create, requestRefund(), confirmRefund()),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 30 }), (commands) => {
        const types = logOf([create, ...commands]);
        const money = types.filter(
          (type) => !['PaymentCreated', 'PaymentDeclined', 'PaymentNoticeRefused'].includes(type),
        );
        expect(types.filter((type) => type === 'PaymentCreated')).toEqual(['PaymentCreated']);
        expect(['PaymentSucceeded', 'PaymentRefundRequested', 'PaymentRefunded'].slice(0, money.length)).toEqual(money);
        const success = types.indexOf('PaymentSucceeded');
        if (success >= 0) expect(types.lastIndexOf('PaymentDeclined')).toBeLessThan(success);
      }),
      { numRuns: 1000 },
    );
  });

  test('a payment that the gateway took after some declines has succeeded, in whatever order its notices came', () => {
    const shuffled = fc.nat(4).chain((refusals) => {
      const list = Array.from({ length: refusals }, (_, index) => notify('declined', index + 1));
      const all = [...list, notify('paid', refusals + 1)];
      return fc
        .array(fc.constantFrom(...all), { maxLength: 6 })
        .chain((again) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }));
    });
    fc.assert(
      fc.property(shuffled, (notices) => {
        expect(logOf([create, ...notices]).filter((type) => type === 'PaymentSucceeded')).toHaveLength(1);
      }),
    );
  });
});
