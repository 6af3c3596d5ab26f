// The order of a change is placed once, whoever places it and however often, with what it takes of the limits of its
// people; if they may not have it, it has ended as it begins.
import { describe, expect, test } from '@jest/globals';
import type { OrderRequest } from '@railhead/domain/order/events.ts';
import type { OrderChange } from '@railhead/domain/order/fold.ts';
import { ForwardingStore } from '@railhead/infra/eventstore/forwarding-store.ts';
import { audited } from '@railhead/tests/support/clean-logs.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import {
  codeOf,
  type LimitedSale,
  limitedSale,
  numberOf,
  type SoldRun,
  sold,
} from '@railhead/tests/support/limited-sale.ts';
import type { StreamAppend } from '../ports/event-store.ts';
import { loadOrder } from './load-order.ts';
import { placeNewOrder } from './place-changed.ts';

const DATE = '2026-12-01';
const G1: SoldRun = { train: 'G1', date: DATE, minutes: [600, 660, 720] };
const G2: SoldRun = { train: 'G2', date: DATE, minutes: [630, 690, 750] };
const NEW_ORDER = 'N2';

/** The change of these tickets of an order to the train G2. */
const changeOf = (old: string, request: OrderRequest, itemNos: readonly number[]): OrderChange => ({
  changeNo: `${old}C1`,
  commandId: 'c',
  newOrderNo: NEW_ORDER,
  requestHash: 'a-hash-of-the-request',
  request: {
    ...request,
    train: 'G2',
    passengers: itemNos.flatMap((itemNo) => request.passengers[itemNo - 1] ?? []),
    faresFen: itemNos.map(() => 100),
    change: {
      changeNo: `${old}C1`,
      orderNo: old,
      paymentNo: 'p',
      payFen: 0,
      feeFen: 0,
      carriedFen: 100,
      changedLate: false,
    },
  },
  items: itemNos.map((itemNo) => ({ itemNo, fareFen: 100, newFareFen: 100, feeFen: 0, rule: 'r' })),
  feeFen: 0,
  payFen: 0,
  refundFen: 0,
  status: 'PENDING',
});

describe.each([
  ['at once', true],
  ['in turn', false],
])('the order of a change where streams are written %s', (_, atomicStreams) => {
  const change = async (more: { readonly documents: readonly string[]; readonly itemNos: readonly number[] }) => {
    const sale = await limitedSale([G1, G2], { atomicStreams });
    const old = numberOf(await sale.order({ documents: more.documents }));
    await sale.write(old, ...sold(more.documents.length));
    const { request } = (await loadOrder(sale.store, old)).order;
    if (request === undefined) throw new Error('it was requested');
    return { sale, asked: changeOf(old, request, more.itemNos) };
  };
  const placed = (sale: LimitedSale, asked: OrderChange) => placeNewOrder(sale.deps, asked);
  const ended = async ({ store }: LimitedSale) => (await loadOrder(store, NEW_ORDER)).order.closeReason;

  test('is written once with its reservation, however many place it', async () => {
    const { sale, asked } = await change({ documents: ['E1', 'E2'], itemNos: [2] });
    const positions = await Promise.all(Array.from({ length: 8 }, () => placed(sale, asked)));
    expect(positions.filter((position) => position > 0)).toHaveLength(1);
    const before = await sale.store.lastPosition();
    expect([await placed(sale, asked), await sale.store.lastPosition()]).toEqual([0, before]);
    const { order } = await loadOrder(sale.store, NEW_ORDER);
    expect([order.status, order.requestHash, order.request?.change?.orderNo]).toEqual([
      'QUEUED',
      asked.requestHash,
      asked.request.change.orderNo,
    ]);
    // Its traveller is on the new train, and until the change is decided on the old one.
    for (const train of ['G1', 'G2'])
      expect(codeOf(await sale.order({ userId: 'v', documents: ['E2'], train }))).toBe('JOURNEY_OVERLAPS');
    const events = (await sale.events('order')).filter(({ stream }) => stream === `order-${NEW_ORDER}`);
    expect(events).toHaveLength(1);
    expect(audited(await sale.events()).pending).toMatchObject({ reservations: 0, unclaimed: 0 });
  });

  test('has ended as it begins where its traveller is elsewhere at that time, and stays so', async () => {
    const { sale, asked } = await change({ documents: ['E1', 'E2'], itemNos: [2] });
    const [passenger] = asked.request.passengers;
    if (passenger === undefined) throw new Error('somebody travels');
    const stranger = { ...asked.request, passengers: [{ ...passenger, idNo: 'E1' }] };
    const wrong = { ...asked, request: stranger };
    expect(await placed(sale, wrong)).toBeGreaterThan(0);
    expect(await ended(sale)).toBe('JOURNEY_OVERLAPS');
    const before = await sale.store.lastPosition();
    // Also if there were room now.
    expect([await placed(sale, asked), await sale.store.lastPosition()]).toEqual([0, before]);
    expect(codeOf(await sale.order({ userId: 'v', documents: ['E9'], train: 'G2' }))).toBe('placed');
    expect(audited(await sale.events()).pending).toMatchObject({ reservations: 0, unclaimed: 0 });
  });

  test('leaves nothing reserved where somebody else has written meanwhile that it has ended', async () => {
    const { sale, asked } = await change({ documents: ['E1', 'E2'], itemNos: [2] });
    class Overtaken extends ForwardingStore {
      override async append(appends: readonly StreamAppend[], options?: { readonly atomic?: boolean }) {
        const order = appends.find(({ stream }) => stream === `order-${NEW_ORDER}`);
        if (order !== undefined) {
          const closed = newEvent({ reason: 'LIMIT_TRAIN', detail: '' }, 'OrderClosed');
          await super.append([{ ...order, events: [...order.events, closed] }]);
        }
        return super.append(appends, options);
      }
    }
    const store = new Overtaken(sale.store);
    const overtaken = await limitedSale([], { store });
    expect(await placed(overtaken, asked)).toBe(0);
    expect(await ended(sale)).toBe('LIMIT_TRAIN');
    expect(audited(await sale.events()).pending).toMatchObject({ reservations: 0, unclaimed: 0 });
  });

  test('has ended as it begins where its buyer has all tickets of the other train, and not of the same', async () => {
    const full = await change({ documents: ['E1'], itemNos: [1] });
    const five = ['F1', 'F2', 'F3', 'F4', 'F5'];
    expect(codeOf(await full.sale.order({ documents: five, train: 'G2' }))).toBe('placed');
    await placed(full.sale, full.asked);
    expect(await ended(full.sale)).toBe('LIMIT_TRAIN');
    const same = await change({ documents: ['E1', 'E2', 'E3', 'E4', 'E5'], itemNos: [1, 2, 3, 4, 5] });
    await placed(same.sale, { ...same.asked, request: { ...same.asked.request, train: 'G1', to: 1 } });
    expect(await ended(same.sale)).toBeUndefined();
  });
});
