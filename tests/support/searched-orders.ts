// Orders to search for, few and different, so that the right answer to a question can be told by hand.

import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { OrderEvent, OrderRequest } from '@railhead/domain/order/events.ts';
import { documentAfter, type OrderDocument } from '@railhead/projections/order-search/order-document.ts';
import { orderNoOf } from '@railhead/projections/orders/view-after.ts';
import { newEvent } from './events.ts';
import { oneSeat } from './order-request.ts';

type Station = OrderRequest['fromStation'];
const BEIJING: Station = { code: 'VNP', name: '北京南' };
const SHANGHAI: Station = { code: 'AOH', name: '上海虹桥' };
const NANJING: Station = { code: 'NKH', name: '南京' };
const XIAN: Station = { code: 'EAY', name: "Xi'an North" };
const URUMQI: Station = { code: 'WMR', name: '乌鲁木齐' };

type Told = {
  readonly userId: string;
  readonly train: string;
  readonly date: string;
  readonly from: readonly [number, Station];
  readonly to: Station;
  readonly names: readonly string[];
  readonly fareFen: number;
  readonly at: string;
  readonly later?: readonly OrderEvent[];
};

const held = (amountFen: number): OrderEvent => ({
  type: 'OrderSeatsHeld',
  version: 1,
  data: { lockId: 'l', items: [], amountFen, currency: 'CNY', payBefore: '2026-11-25T12:15:00.000+08:00' },
});
const paid: OrderEvent = { type: 'OrderPaid', version: 1, data: { paymentNo: 'p', amountFen: 1 } };
const closed: OrderEvent = { type: 'OrderClosed', version: 1, data: { reason: 'CANCELLED', detail: 'd' } };

/** By order number, in the order of their requests. */
const TOLD: Readonly<Record<string, Told>> = {
  '7QHV2M0KX4RD': {
    userId: 'alice',
    train: 'G1',
    date: '2026-12-01',
    from: [0, BEIJING],
    to: SHANGHAI,
    names: ['张三'],
    fareFen: 60_650,
    at: '2026-11-20T08:00:00.000+08:00',
  },
  '7QHV9Z3T5WNC': {
    userId: 'bob',
    train: 'G1',
    date: '2026-12-01',
    from: [2, NANJING],
    to: SHANGHAI,
    names: ['李四', '王五'],
    fareFen: 13_950,
    at: '2026-11-20T09:00:00.000+08:00',
    later: [held(27_900)],
  },
  A1B2C3D4E5F6: {
    userId: 'alice',
    train: 'G10',
    date: '2026-12-02',
    from: [0, BEIJING],
    to: NANJING,
    names: ['张三丰', 'Ada Lovelace'],
    fareFen: 44_350,
    at: '2026-11-20T23:59:59.999+08:00',
    later: [held(88_700), paid],
  },
  A1B2Z9Y8X7W6: {
    userId: 'carol.smith',
    train: 'D5678',
    date: '2026-12-02',
    from: [1, XIAN],
    to: BEIJING,
    names: ['欧阳娜娜'],
    fareFen: 51_550,
    at: '2026-11-21T00:00:00.000+08:00',
    later: [closed],
  },
  K8K8K8K8K8K8: {
    userId: 'dave42',
    train: 'D5678',
    date: '2026-12-03',
    from: [0, URUMQI],
    to: XIAN,
    names: ['阿依古丽·买买提'],
    fareFen: 60_650,
    at: '2026-11-21T10:30:00.000+08:00',
    later: [held(60_650), paid],
  },
  M0M0M0M0M0M0: {
    userId: 'erin',
    train: 'C2001',
    date: '2026-12-03',
    from: [0, SHANGHAI],
    to: NANJING,
    names: ['José García', '𠮷田三'],
    fareFen: 0,
    at: '2026-11-21T10:30:00.000+08:00',
    later: [held(0)],
  },
  ZZTOP1234567: {
    userId: 'Alice',
    train: 'G1',
    date: '2026-12-04',
    from: [0, BEIJING],
    to: SHANGHAI,
    names: ['张伟', '張三'],
    fareFen: 60_650,
    at: '2026-11-22T07:00:00.000+08:00',
    later: [held(121_300)],
  },
};

export const ORDER_NOS = Object.keys(TOLD);

let position = 0;
const recordedIn = (orderNo: string, event: OrderEvent, revision: number, at: string): RecordedEvent => {
  const written = newEvent(event.data, event.type);
  position += 1;
  return { ...written, meta: { ...written.meta, at }, stream: `order-${orderNo}`, revision, position };
};

/** Requests first, then what became of them. */
const eventsOf = (): readonly RecordedEvent[] => {
  position = 0;
  const all = Object.entries(TOLD);
  const requests = all.map(([orderNo, { from, names, fareFen, at, userId, train, date, to }]) => {
    const passengers = names.map(
      (name, n) => ({ name, idType: 'passport', idNo: `E${n}000000`, kind: 'adult' }) as const,
    );
    const journey = { from: from[0], to: 9, fromStation: from[1], toStation: to };
    const faresFen = names.map(() => fareFen);
    const request: OrderRequest = { ...oneSeat, ...journey, userId, train, date, passengers, faresFen };
    const data = { orderNo, requestHash: 'h', request };
    return recordedIn(orderNo, { type: 'OrderRequested', version: 1, data }, 0, at);
  });
  const rest = all.flatMap(([orderNo, { later = [], at }]) =>
    later.map((event, n) => recordedIn(orderNo, event, n + 1, at)),
  );
  return [...requests, ...rest];
};

export const SEARCHED_EVENTS = eventsOf();

/** What a fold of these events makes of their orders. */
export const documentsOf = (events: readonly RecordedEvent[]): readonly OrderDocument[] => {
  const documents = new Map<string, OrderDocument>();
  for (const event of events) {
    const orderNo = orderNoOf(event);
    const document = documentAfter(documents.get(orderNo), event);
    if (document !== undefined) documents.set(orderNo, document);
  }
  return [...documents.values()];
};
