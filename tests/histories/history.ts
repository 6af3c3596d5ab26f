// A stored log and what it meant when it was written. It is kept for ever: all later code must read it.
import { type AuditReport, LogAudit } from '@railhead/commands/audit/log-audit.ts';
import { newOrderView, type OrderView, viewAfterOrderEvent } from '@railhead/commands/orders/order-view.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';

/** What a log means to its owners. The audit may get new fields later; those are not compared. */
export type Meaning = {
  readonly orders: AuditReport['orders'];
  readonly seats: AuditReport['seats'];
  readonly money: AuditReport['money'];
  readonly violations: number;
  /** Every order as its owner sees it: status, seats, tickets. */
  readonly shown: readonly string[];
};

export const parseHistory = (text: string): readonly RecordedEvent[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    // Written by `historyText`.
    .map((line) => JSON.parse(line) as RecordedEvent);

export const historyText = (events: readonly RecordedEvent[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('');

export const meaningOf = (events: readonly RecordedEvent[]): Meaning => {
  const audit = new LogAudit();
  const views = new Map<string, OrderView>();
  for (const event of events) {
    audit.add(event);
    if (!orderCategory.owns(event)) continue;
    const known = views.get(event.stream);
    if (event.type === 'OrderRequested')
      views.set(event.stream, newOrderView(event.data.orderNo, event.data.request, event.meta.at));
    else if (known !== undefined) views.set(event.stream, viewAfterOrderEvent(known, event));
  }
  const { orders, seats, money, violations } = audit.report();
  const shown = [...views.values()].map(({ orderNo, status, closeReason, amountFen, items }) =>
    [
      orderNo,
      status,
      closeReason ?? '',
      amountFen,
      ...items.map(({ coach, seat, ticketNo }) => `${coach}/${seat}/${ticketNo}`),
    ].join(' '),
  );
  return { orders, seats, money, violations: violations.length, shown };
};
