// Turns a decision about an order or a payment into an append: ids from the command, revision from the folded state.
import type { Decision } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta, Recorded } from '@railhead/domain/kernel/event.ts';
import { decide as decideOrder, type OrderCommand } from '@railhead/domain/order/decide.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { evolve as evolveOrder } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { decide as decidePayment, type PaymentCommand } from '@railhead/domain/payment/decide.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { decide as decideWaitlist, type WaitlistCommand } from '@railhead/domain/waitlist/decide.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import type { TrackedOrder, TrackedPayment, TrackedWaitlist } from '../orders/tracked-order.ts';
import type { NewEvent, StreamAppend } from '../ports/event-store.ts';
import { appendOf, expectedAfter, idsOf } from '../streams/append.ts';

type WithoutId<Command> = Command extends unknown ? Omit<Command, 'id'> : never;

/** Decides the commands one after another, as one append. Undefined if the first is refused or nothing changes. */
export const orderAppend = (
  { order, revision }: TrackedOrder,
  commands: readonly WithoutId<OrderCommand>[],
  meta: EventMeta,
): StreamAppend | undefined => {
  let state = order;
  const decided: Recorded<OrderEvent>[] = [];
  for (const [index, command] of commands.entries()) {
    // Each command of an append has its own id, so that none is taken for a repeat of another.
    const id = `${meta.commandId}#${index}`;
    const decision: Decision<OrderEvent> = decideOrder(state, { ...command, id } as OrderCommand);
    if (!decision.ok) return undefined;
    for (const event of decision.value) {
      const recorded = { ...event, meta: { ...meta, commandId: id } };
      state = evolveOrder(state, recorded);
      decided.push(recorded);
    }
  }
  if (decided.length === 0) return undefined;
  const idOf = idsOf(meta.commandId, decided);
  const events = decided.map((event, index): NewEvent => ({ ...event, id: idOf(index) }));
  return { stream: orderCategory.stream(order.orderNo), expected: expectedAfter(revision), events };
};

export const paymentAppend = (
  { payment, revision }: Pick<TrackedPayment, 'payment' | 'revision'>,
  command: PaymentCommand,
  meta: EventMeta,
): StreamAppend | undefined => {
  const decision = decidePayment(payment, command);
  if (!decision.ok || decision.value.length === 0) return undefined;
  return appendOf(paymentCategory.stream(payment.paymentNo), revision, decision.value, meta);
};

export const waitlistAppend = (
  { waitlist, revision }: TrackedWaitlist,
  command: WaitlistCommand,
  meta: EventMeta,
): StreamAppend | undefined => {
  const decision = decideWaitlist(waitlist, command);
  const waitlistNo = waitlist.request?.waitlistNo;
  if (!decision.ok || decision.value.length === 0 || waitlistNo === undefined) return undefined;
  return appendOf(waitlistCategory.stream(waitlistNo), revision, decision.value, meta);
};
