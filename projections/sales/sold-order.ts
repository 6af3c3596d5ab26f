// An order with all of its money and tickets: the order as it is shown, and when each thing happened.
import { newOrderView, type OrderView } from '@railhead/commands/orders/order-view.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import type { WaitlistSubmitted } from '@railhead/domain/waitlist/events.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import { orderNoOf, viewAfter } from '../orders/view-after.ts';

/** Instants are RFC 3339, as in the log. `endedAt`: when it was last paid, declined or closed. */
export type PaymentFacts = { readonly startedAt: string; readonly endedAt?: string; readonly gatewayRef?: string };

/** Money that goes back, by the number that the gateway knows. `reason`: as in the log. */
export type MoneyBack = {
  readonly refundNo: string;
  readonly paymentNo: string;
  readonly amountFen: number;
  readonly reason: string;
  readonly requestedAt: string;
  readonly doneAt?: string;
  readonly gatewayRef?: string;
};

export type SoldOrder = {
  readonly view: OrderView;
  /** By the payment's number. */
  readonly payments: Readonly<Record<string, PaymentFacts>>;
  readonly moneyBack: readonly MoneyBack[];
  readonly issuedAt?: string;
  /** By the item's number. */
  readonly usedAt: Readonly<Record<string, string>>;
};

/** The number of the order of an event, or of the waitlist request that may become it. */
export const numberIn = (event: RecordedEvent): string =>
  waitlistCategory.owns(event) ? waitlistCategory.idOf(event.stream) : orderNoOf(event);

/** Undefined as long as neither the order nor its waitlist request is there. */
export const soldAfter = (sold: SoldOrder | undefined, event: RecordedEvent): SoldOrder | undefined => {
  if (waitlistCategory.owns(event)) {
    const view = event.type === 'WaitlistSubmitted' ? waitedFor(event.data, event.meta.at) : undefined;
    return sold === undefined && view !== undefined ? { view, payments: {}, moneyBack: [], usedAt: {} } : sold;
  }
  const changed = viewAfter(sold?.view, event);
  const isRequest = orderCategory.owns(event) && event.type === 'OrderRequested';
  // What was prepaid is known already.
  const view =
    isRequest && sold !== undefined && changed !== undefined ? { ...changed, payments: sold.view.payments } : changed;
  if (view === undefined) return undefined;
  const before = sold ?? { view, payments: {}, moneyBack: [], usedAt: {} };
  const after = { ...before, view };
  if (paymentCategory.owns(event)) return withPayment(after, event, event.meta.at);
  if (!orderCategory.owns(event)) return after;
  if (event.type === 'OrderTicketed') return { ...after, issuedAt: event.meta.at };
  if (event.type !== 'OrderTicketUsed') return after;
  const { itemNo } = event.data;
  const isUsed = view.items.some((item) => item.itemNo === itemNo && item.ticketStatus === 'USED');
  const isNew = isUsed && before.usedAt[itemNo] === undefined;
  return isNew ? { ...after, usedAt: { ...before.usedAt, [itemNo]: event.meta.at } } : after;
};

/** What is prepaid stands in the list of payments before there is an order: it is shown as one of the first choice. */
const waitedFor = (request: WaitlistSubmitted['data'], at: string): OrderView | undefined => {
  const { waitlistNo, choices, userId, passengers, currency, prepayFen } = request;
  const [choice] = choices;
  if (choice === undefined) return undefined;
  const { standingFaresFen: _, until: __, ...journey } = choice;
  const asked = { ...journey, userId, passengers, currency, acceptStanding: false, acceptSeatChange: false };
  return { ...newOrderView(waitlistNo, asked, at), amountFen: prepayFen };
};

const withPayment = (sold: SoldOrder, event: PaymentEvent, at: string): SoldOrder => {
  const { paymentNo } = event.data;
  const facts = sold.payments[paymentNo] ?? { startedAt: at };
  const withFacts = (changes: Partial<PaymentFacts>): SoldOrder => ({
    ...sold,
    payments: { ...sold.payments, [paymentNo]: { ...facts, ...changes } },
  });
  switch (event.type) {
    case 'PaymentCreated':
      return withFacts({});
    case 'PaymentSucceeded':
      return withFacts({ endedAt: at, gatewayRef: event.data.gatewayRef });
    case 'PaymentDeclined':
    case 'PaymentClosed':
      return withFacts({ endedAt: at });
    case 'PaymentRefundRequested': {
      const { refundNo, amountFen, reason } = event.data;
      return { ...sold, moneyBack: [...sold.moneyBack, { refundNo, paymentNo, amountFen, reason, requestedAt: at }] };
    }
    case 'PaymentRefunded': {
      const { refundNo, gatewayRef } = event.data;
      const moneyBack = sold.moneyBack.map((one) =>
        one.refundNo === refundNo ? { ...one, doneAt: at, gatewayRef } : one,
      );
      return { ...sold, moneyBack };
    }
    // Nothing of the payment changes by these.
    case 'PaymentNoticeRefused':
    case 'PaymentNoticeDismissed':
      return sold;
  }
};
