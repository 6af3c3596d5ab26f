// One order as the log has it up to a position: as the orders model shows it, and as it is searched.
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { EventStore, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { strangenessIn } from '@railhead/commands/streams/understood.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory, paymentNoOf } from '@railhead/domain/payment/stream.ts';
import { readTo } from '../engine/read-to.ts';
import { viewAfter } from '../orders/view-after.ts';
import { documentAfter, type OrderDocument } from './order-document.ts';

const strangenessOf = strangenessIn([orderCategory, paymentCategory]);

/** The events of an order and of its payments, in the order of the log; nothing of a stream from a strange event on. */
export const eventsOfOrder = async (
  log: Pick<EventStore, 'readStream'>,
  orderNo: string,
  upTo: Position,
  /** Told of each stream of which not everything is taken. */
  setAside: (stream: string, strangeness: string) => void = () => {},
): Promise<readonly RecordedEvent[]> => {
  const events = understood(await readTo(log, orderCategory.stream(orderNo), upTo), setAside);
  if (events.length === 0) return [];
  for (let attempt = 1; ; attempt += 1) {
    const ofPayment = await readTo(log, paymentCategory.stream(paymentNoOf(orderNo, attempt)), upTo);
    if (ofPayment.length === 0) break;
    events.push(...understood(ofPayment, setAside));
  }
  return events.sort((a, b) => a.position - b.position);
};

const understood = (
  events: readonly RecordedEvent[],
  setAside: (stream: string, strangeness: string) => void,
): RecordedEvent[] => {
  for (const [index, event] of events.entries()) {
    const strangeness = strangenessOf(event);
    if (strangeness === undefined) continue;
    setAside(event.stream, strangeness);
    return events.slice(0, index);
  }
  return [...events];
};

export type OrderInLog = { readonly view: OrderView; readonly first: Position; readonly document: OrderDocument };

/** Undefined: it was not requested by then. */
export const orderUpTo = (events: readonly RecordedEvent[], upTo: Position): OrderInLog | undefined => {
  let [view, document]: [OrderView | undefined, OrderDocument | undefined] = [undefined, undefined];
  for (const event of events) {
    if (event.position > upTo) break;
    view = viewAfter(view, event);
    document = documentAfter(document, event);
  }
  return view === undefined || document === undefined ? undefined : { view, first: document.first, document };
};
