import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import { absentPayment, evolve } from '@railhead/domain/payment/fold.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import type { TrackedPayment } from '../order-process/tracked-order.ts';
import type { EventStore } from '../ports/event-store.ts';

/** The payment as the log has it now; `ABSENT` at revision -1 if there is none. */
export const loadPayment = async (store: EventStore, paymentNo: string): Promise<TrackedPayment> => {
  let tracked: TrackedPayment = { payment: absentPayment, revision: -1 };
  // The stream holds nothing but payment events; the name is ours alone.
  for (const event of await store.readStream(paymentCategory.stream(paymentNo)))
    tracked = { payment: evolve(tracked.payment, event as unknown as PaymentEvent), revision: event.revision };
  return tracked;
};
