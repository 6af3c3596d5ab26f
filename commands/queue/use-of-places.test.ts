// A place lets in one order, on stores of either kind, whoever dies and whatever comes at the same moment.
import { describe, expect, test } from '@jest/globals';
import { type Fault, FaultyStore } from '@railhead/tests/support/faulty-store.ts';
import { numberOf } from '@railhead/tests/support/limited-sale.ts';
import { queuedSale } from '@railhead/tests/support/queued-sale.ts';
import { type EventStore, EventStoreError } from '../ports/event-store.ts';

type Sale = Awaited<ReturnType<typeof queuedSale>>;
const codeOf = (placed: Awaited<ReturnType<Sale['orderBy']>>): string =>
  placed.ok ? 'placed' : `${placed.refusal.code} ${placed.refusal.extra?.reason ?? ''}`.trim();
const begun = async (sale: Sale): Promise<Sale> => {
  await sale.decide({ type: 'SetMode', id: 'c', mode: 'QUEUED' });
  return sale;
};
const typesOf = async (sale: Sale): Promise<readonly string[]> =>
  (await sale.events('queuePlace')).map(({ type }) => type);

describe.each([true, false])('on a store where several streams at once are written: %s', (atomicStreams) => {
  test('one of many orders at the same moment has the place', async () => {
    const sale = await begun(await queuedSale({ atomicStreams }));
    const { queueToken } = await sale.join('u');
    const placed = await Promise.all(
      Array.from({ length: 6 }, (_, n) => sale.orderBy('u', queueToken, `k${n}`, `E${n}`)),
    );
    const codes = placed.map(codeOf);
    expect(codes.filter((code) => code === 'placed')).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(['placed', 'QUEUE_TOKEN_INVALID USED']));
    // The others have taken nothing of the limits.
    const [winner] = placed.flatMap((one) => (one.ok ? [one.value.orderNo] : []));
    const journeys = (await sale.events('traveller')).filter(({ type }) => type === 'JourneyReserved');
    const released = (await sale.events('traveller')).filter(({ type }) => type === 'JourneyReleased');
    const left = journeys.filter(({ stream }) => !released.some((one) => one.stream === stream));
    for (const { data } of left) expect(data).toMatchObject({ orderNo: winner });
  });

  test('the same request at the same moment is one order', async () => {
    const sale = await begun(await queuedSale({ atomicStreams }));
    const { queueToken } = await sale.join('u');
    const placed = await Promise.all(Array.from({ length: 6 }, () => sale.orderBy('u', queueToken, 'k')));
    expect(new Set(placed.map(numberOf)).size).toBe(1);
    expect(codeOf(await sale.orderBy('u', queueToken, 'other', 'E9'))).toBe('QUEUE_TOKEN_INVALID USED');
  });

  test('an order that its limits refuse leaves the place as it was', async () => {
    const sale = await begun(await queuedSale({ atomicStreams }));
    const [other, own] = [await sale.join('other'), await sale.join('u')];
    expect(codeOf(await sale.orderBy('other', other.queueToken, 'k1', 'E1'))).toBe('placed');
    expect(codeOf(await sale.orderBy('u', own.queueToken, 'k2', 'E1'))).toBe('JOURNEY_OVERLAPS');
    expect(codeOf(await sale.orderBy('u', own.queueToken, 'k3', 'E2'))).toBe('placed');
  });

  test.each<Fault>(['before', 'lost', 'after', 'partial'])(
    'whoever dies while it is written (%s) may ask again',
    async (fault) => {
      const faults: Fault[] = [];
      const seen = (store: EventStore) => new FaultyStore(store, () => faults.shift() ?? 'none');
      const sale = await begun(await queuedSale({ atomicStreams, seen }));
      const { queueToken } = await sale.join('u');
      faults.push(fault);
      await sale.orderBy('u', queueToken, 'k').catch((error: unknown) => expect(error).toBeInstanceOf(EventStoreError));
      sale.restart();
      expect(codeOf(await sale.orderBy('u', queueToken, 'k'))).toBe('placed');
      expect(codeOf(await sale.orderBy('u', queueToken, 'other', 'E9'))).toBe('QUEUE_TOKEN_INVALID USED');
      expect(new Set(await typesOf(sale))).toEqual(new Set(['QueuePlaceUsed']));
      expect((await sale.events('order')).filter(({ type }) => type === 'OrderRequested')).toHaveLength(1);
    },
  );
});
