// Compares each order in the orders model and in the search of orders with what the log has of it, each at the position of
// the model that shows it. A few orders that differ are written anew from the log; many are left as they are, for somebody
// to look at. Orders come a page at a time, so that no side is in memory as a whole.
import { isDeepStrictEqual } from 'node:util';
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import {
  bearsOut,
  type EventStore,
  EventStoreError,
  type Position,
  type RecordedEvent,
} from '@railhead/commands/ports/event-store.ts';
import { Findings, MANY, type Reconciled, type RepairAction } from '@railhead/commands/reconciliation/reconciled.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { ExaminedDocument } from '../engine/document-index.ts';
import type { Place } from '../engine/model-place.ts';
import { pagesOf } from '../engine/pages.ts';
import { unlessAway } from '../engine/unless-away.ts';
import type { OrderParts, OrderRow } from '../orders/order-rows.ts';
import type { OrderDocument } from './order-document.ts';
import { eventsOfOrder, type OrderInLog, orderUpTo } from './order-in-log.ts';
import type { OrderDocuments } from './order-search-model.ts';

export type OrderReconciliationDeps = {
  readonly log: Pick<EventStore, 'readAll' | 'readStream' | 'lastPosition' | 'fingerprintAt'>;
  readonly rows: OrderParts;
  /** Does a model take this event, as far as somebody has decided about it? Absent: every event. */
  readonly takes?: (store: ComparedStore, event: RecordedEvent) => boolean;
  readonly documents: OrderDocuments;
  /** As of the stock. */
  readonly giveWay: () => Promise<void>;
  readonly timestamp: () => string;
};

export type OrdersAsked = { readonly repair?: boolean | undefined };

/** By the names of their models. */
export type ComparedStore = 'orders' | 'orderSearch';
type Difference = {
  readonly store: ComparedStore;
  readonly orderNo: string;
  readonly kind: 'missing' | 'surplus' | 'differs';
  /** What is not as the log has it. */
  readonly fields: readonly string[];
  readonly shown: OrderView | undefined;
  readonly logged: OrderView | undefined;
  readonly position: number;
};

const PAGE = 250;
/** Orders that are compared between two breaths. */
const AT_ONCE = 20;

/** Rejects with `EventStoreError` STORE_UNAVAILABLE where a model cannot be read, or is not of this log. */
export const reconcileOrders = async (deps: OrderReconciliationDeps, asked: OrdersAsked): Promise<Reconciled> => {
  const comparison = new Comparison(deps);
  await comparison.compareLogged();
  for (const part of deps.rows.parts) await comparison.findSurplus((after) => part.orderNos(after, PAGE));
  await comparison.findSurplus((after) => deps.documents.orderNos(after, PAGE));
  await comparison.settle(asked.repair === true);
  return comparison.findings.reconciled;
};

class Comparison {
  readonly findings = new Findings();
  readonly #deps: OrderReconciliationDeps;
  readonly #differences: Difference[] = [];
  /** Surplus orders that were compared. */
  readonly #strangers = new Set<string>();

  constructor(deps: OrderReconciliationDeps) {
    this.#deps = deps;
  }

  /** Every order that the log had at the beginning. */
  async compareLogged(): Promise<void> {
    const { log, giveWay } = this.#deps;
    const end = await log.lastPosition();
    for (let after = 0; after < end; ) {
      await giveWay();
      // Of all categories: the embedded log looks for those of a few anew with each page.
      const page = await log.readAll({ after, limit: PAGE });
      const requested = page.events.flatMap((event) =>
        orderCategory.owns(event) && event.type === 'OrderRequested' ? [orderCategory.idOf(event.stream)] : [],
      );
      await this.#compare(requested);
      this.findings.checked += requested.length;
      if (page.position <= after) return;
      after = page.position;
    }
  }

  /** Orders that are shown, and that the log does not have. */
  async findSurplus(pageAfter: (after: string) => Promise<readonly string[]>): Promise<void> {
    const { log, giveWay } = this.#deps;
    for (let after = ''; ; ) {
      await giveWay();
      const page = await pageAfter(after);
      const surplus: string[] = [];
      for (const orderNo of page) {
        if (this.#strangers.has(orderNo)) continue;
        // No stream has such a name, and no order.
        const isName = /^[A-Za-z0-9]{1,64}$/.test(orderNo);
        if (isName && (await log.readStream(orderCategory.stream(orderNo), { limit: 1 })).length > 0) continue;
        this.#strangers.add(orderNo);
        surplus.push(orderNo);
      }
      await this.#compare(surplus);
      this.findings.checked += surplus.length;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last;
    }
  }

  async #compare(orderNos: readonly string[]): Promise<void> {
    const { rows, documents, giveWay } = this.#deps;
    const ofParts = Map.groupBy(orderNos, rows.partOf);
    const pages = [...ofParts].flatMap(([part, ofPart]) =>
      [...pagesOf(ofPart, AT_ONCE)].map((some) => ({ part, some })),
    );
    for (const { part, some } of pages) {
      await giveWay();
      const [shown, examined] = [await part.read(some), await documents.examine(some)];
      await this.#prove(shown.place);
      await this.#prove(examined.place);
      for (const orderNo of some) {
        const found = examined.documents.get(orderNo);
        const searched = { at: Math.max(examined.place.position, found?.document.version ?? 0), found };
        await this.#compareOne(orderNo, { at: shown.place.position, row: shown.rows.get(orderNo) }, searched);
      }
    }
  }

  /** What is compared is of this log, and this process sees the log as far. */
  async #prove(place: Place): Promise<void> {
    if (!(await bearsOut(this.#deps.log, place)))
      throw new EventStoreError('STORE_UNAVAILABLE', 'a model of orders is not of this log; compare it later');
  }

  async #compareOne(
    orderNo: string,
    { at, row }: { readonly at: number; readonly row: OrderRow | undefined },
    searched: { readonly at: number; readonly found: ExaminedDocument<OrderDocument> | undefined },
  ): Promise<void> {
    const events = await this.#eventsOf(orderNo, Math.max(at, searched.at));
    const told = this.#told('orders', events, at);
    this.#note('orders', orderNo, at, row?.view, told, () => rowFields(row, told));
    const { found } = searched;
    const sought = this.#told('orderSearch', events, searched.at);
    this.#note('orderSearch', orderNo, searched.at, found?.document.view, sought, () => documentFields(found, sought));
  }

  #told(store: ComparedStore, events: readonly RecordedEvent[], upTo: Position): OrderInLog | undefined {
    const { takes } = this.#deps;
    const taken = takes === undefined ? events : events.filter((event) => takes(store, event));
    return orderUpTo(taken, upTo);
  }

  #eventsOf(orderNo: string, upTo: number): ReturnType<typeof eventsOfOrder> {
    return this.#strangers.has(orderNo) ? Promise.resolve([]) : eventsOfOrder(this.#deps.log, orderNo, upTo);
  }

  #note(
    store: ComparedStore,
    orderNo: string,
    position: number,
    shown: OrderView | undefined,
    logged: OrderInLog | undefined,
    fieldsOf: () => readonly string[],
  ): void {
    if (shown === undefined && logged === undefined) return;
    const kind = shown === undefined ? 'missing' : logged === undefined ? 'surplus' : 'differs';
    const fields = kind === 'differs' ? fieldsOf() : [];
    if (kind === 'differs' && fields.length === 0) return;
    this.#differences.push({ store, orderNo, kind, fields, shown, logged: logged?.view, position });
  }

  async settle(repair: boolean): Promise<void> {
    const isFew = new Set(this.#differences.map(({ orderNo }) => orderNo)).size < MANY;
    for (const store of ['orders', 'orderSearch'] as const) {
      const differences = this.#differences.filter((one) => one.store === store);
      for (const some of pagesOf(differences, AT_ONCE)) {
        let action: RepairAction = 'alarm';
        if (repair || isFew) {
          await this.#deps.giveWay();
          const orderNos = some.map(({ orderNo }) => orderNo);
          action = await this.#written(store, orderNos, repair);
        }
        // One that the store refuses is not to be told of all.
        const isAlone = action !== 'left' || some.length === 1;
        for (const one of some) this.#report(one, isAlone ? action : await this.#written(store, [one.orderNo], repair));
      }
    }
  }

  async #written(store: ComparedStore, orderNos: readonly string[], repair: boolean): Promise<RepairAction> {
    const isWritten = await unlessAway(() => this.#rewrite(store, orderNos));
    if (!isWritten) return 'left';
    return repair ? 'repaired' : 'auto_fixed';
  }

  async #rewrite(store: ComparedStore, orderNos: readonly string[]): Promise<boolean> {
    const { rows, documents } = this.#deps;
    const ordersAt = async <Value>(position: number, of: readonly string[], told: (order: OrderInLog) => Value) => {
      const orders = new Map<string, Value>();
      for (const orderNo of of) {
        const order = this.#told(store, await this.#eventsOf(orderNo, position), position);
        if (order !== undefined) orders.set(orderNo, told(order));
      }
      return orders;
    };
    if (store === 'orders') {
      const [ofParts, written] = [Map.groupBy(orderNos, rows.partOf), [] as boolean[]];
      for (const [part, ofPart] of ofParts) {
        const isWritten =
          part.isFedHere && (await part.rewrite(ofPart, (position) => ordersAt(position, ofPart, (order) => order)));
        written.push(isWritten);
      }
      return written.every(Boolean);
    }
    return (
      documents.isFedHere &&
      documents.rewrite(orderNos, (position) => ordersAt(position, orderNos, ({ document }) => document))
    );
  }

  #report({ store, orderNo, kind, fields, shown, logged, position }: Difference, action: RepairAction): void {
    this.findings.add({
      order_no: orderNo,
      store,
      kind,
      fields,
      shown_status: shown?.status ?? '',
      logged_status: logged?.status ?? '',
      shown_amount_fen: shown?.amountFen ?? 0,
      logged_amount_fen: logged?.amountFen ?? 0,
      position,
      action,
      fix_time: action === 'auto_fixed' || action === 'repaired' ? this.#deps.timestamp() : '',
    });
  }
}

const rowFields = (row: OrderRow | undefined, logged: OrderInLog | undefined): readonly string[] => [
  ...fieldsApart(row?.view, logged?.view),
  ...(row?.first === logged?.first ? [] : ['position']),
  ...(row?.isWhole === false ? ['columns'] : []),
];

const documentFields = (
  found: ExaminedDocument<OrderDocument> | undefined,
  logged: OrderInLog | undefined,
): readonly string[] => {
  const { view, ...rest }: Partial<OrderDocument> = found?.document ?? {};
  const { view: loggedView, ...loggedRest }: Partial<OrderDocument> = logged?.document ?? {};
  return [
    ...fieldsApart(view, loggedView),
    ...fieldsApart(rest, loggedRest),
    ...(found?.isWhole === false ? ['columns'] : []),
  ];
};

/** The names of the members that differ. Undefined members count as none: what is stored as JSON has none. */
const fieldsApart = (one: object = {}, other: object = {}): readonly string[] => {
  const [a, b] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => !isSame(a.get(name), b.get(name)));
};

const isSame = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(one, other) || isDeepStrictEqual(plain(one), plain(other));

const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
