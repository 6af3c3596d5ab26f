// An order as it is searched. Names stand in it in clear, for search alone; documents do not stand in it at all.
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { viewAfter } from '../orders/view-after.ts';
import { folded, spaced } from './words.ts';

export type OrderDocument = {
  readonly orderNo: string;
  /** Positions of the order's first event, and of the last one in here: the later document is the one that counts. */
  readonly first: Position;
  readonly version: Position;
  /** Where the journey begins, for sorting: run date, train and stop. */
  readonly leaves: string;
  readonly requestedMs: number;
  /** The date of the request by the railway's clock. */
  readonly day: string;
  /** Of the travellers, folded, each once. */
  readonly names: readonly string[];
  /** The order as operators see it; without the numbers of documents. */
  readonly view: OrderView;
};

/** Undefined as long as the order has not been requested. An event that is in the document already changes nothing. */
export const documentAfter = (document: OrderDocument | undefined, event: RecordedEvent): OrderDocument | undefined => {
  if (document !== undefined && event.position <= document.version) return document;
  const view = viewAfter(document?.view, event);
  if (view === undefined) return undefined;
  if (document !== undefined) return { ...document, version: event.position, view };
  if (!orderCategory.owns(event) || event.type !== 'OrderRequested') return undefined;
  const { passengers, from } = event.data.request;
  return {
    orderNo: view.orderNo,
    first: event.position,
    version: event.position,
    leaves: `${view.date} ${view.train} ${String(from).padStart(4, '0')}`,
    requestedMs: Date.parse(view.requestedAt),
    day: view.requestedAt.slice(0, 10),
    names: [...new Set(passengers.map(({ name }) => folded(name)))],
    view: withoutDocuments(view),
  };
};

const withoutDocuments = (view: OrderView): OrderView => ({
  ...view,
  items: view.items.map((item) => ({ ...item, passenger: { ...item.passenger, idNo: '' } })),
});

/** Everything of an order that a text may name and that never changes: status and amount are looked for apart. */
export const searchedWords = ({ names, view }: OrderDocument): string =>
  spaced(
    [view.orderNo, view.userId, view.train, view.date, view.from.code, view.from.name, view.to.code, view.to.name]
      .map(folded)
      .concat(names),
  );

export const searchedNames = ({ names }: OrderDocument): string => spaced(names);
