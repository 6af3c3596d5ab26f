// Limits of users and documents, on stores that write an order with its reservation at once, and on others.
import { describe, expect, test } from '@jest/globals';
import { travellerCategory } from '@railhead/domain/traveller/stream.ts';
import { ForwardingStore } from '@railhead/infra/eventstore/forwarding-store.ts';
import { audited } from '@railhead/tests/support/clean-logs.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { GuidedStore } from '@railhead/tests/support/guided-store.ts';
import {
  closed,
  codeOf,
  givenBack,
  limitedSale,
  numberOf,
  person,
  type SoldRun,
  seatsHeld,
  settle,
  sold,
} from '@railhead/tests/support/limited-sale.ts';
import { EventStoreError, type ReadStreamOptions } from '../ports/event-store.ts';
import { NO_LIMITS } from './limits.ts';

const HOUR = 60;
const DATE = '2026-12-01';
const NEXT = '2026-12-02';
const G1: SoldRun = { train: 'G1', date: DATE, minutes: [600, 660, 720] };
/** G1, G2, … leave an hour apart and take half of it. */
const hourly = (count: number): readonly SoldRun[] =>
  Array.from({ length: count }, (_, n) => {
    const leaves = n * HOUR;
    return { train: `G${n + 1}`, date: DATE, minutes: [leaves, leaves + 15, leaves + 30] };
  });
const documents = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `D${n}`);
const counts = (codes: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...Map.groupBy(codes, (code) => code)].map(([code, all]) => [code, all.length]));

describe.each([
  ['at once', true],
  ['in turn', false],
])('limits where streams are written %s', (_, atomicStreams) => {
  describe('fifty requests at the same moment', () => {
    test('of one user have no more tickets for a train and date together than the limit', async () => {
      const sale = await limitedSale([G1, { ...G1, date: NEXT }, { ...G1, train: 'G2' }], { atomicStreams });
      const ask = (n: number, more: object = {}) => sale.order({ documents: [`D${n}`], ...more });
      const placed = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n)));
      expect(counts(placed.map(codeOf))).toEqual({ placed: 5, LIMIT_TRAIN: 45 });
      expect(placed.find(({ ok }) => !ok)).toMatchObject({ refusal: { extra: { tickets: 5, limit: 5 } } });
      expect(codeOf(await ask(51))).toBe('LIMIT_TRAIN');
      expect(codeOf(await ask(52, { date: NEXT }))).toBe('placed');
      expect(codeOf(await ask(53, { train: 'G2' }))).toBe('placed');
      expect(codeOf(await ask(54, { userId: 'v' }))).toBe('placed');
    });

    test('of parties take as many places as fit, and the rest leave nothing behind', async () => {
      const sale = await limitedSale([G1], { atomicStreams });
      const ask = (party: readonly string[]) => sale.order({ documents: party });
      const parties = Array.from({ length: 50 }, (_, n) => [`A${n}`, `B${n}`]);
      const placed = await Promise.all(parties.map(ask));
      expect(counts(placed.map(codeOf))).toEqual({ placed: 2, LIMIT_TRAIN: 48 });
      const refused = parties.filter((_, n) => placed[n]?.ok === false);
      const others = await Promise.all(
        refused.slice(0, 5).map((party) => sale.order({ documents: party, userId: `${party[0]}` })),
      );
      expect(others.map(codeOf)).toEqual(Array(5).fill('placed'));
    });

    test('for one document are one journey on a run, whoever asks', async () => {
      const sale = await limitedSale([G1, { ...G1, date: NEXT }], { atomicStreams });
      const placed = await Promise.all(Array.from({ length: 50 }, (_, n) => sale.order({ userId: `u${n}` })));
      expect(counts(placed.map(codeOf))).toEqual({ placed: 1, JOURNEY_OVERLAPS: 49 });
      expect(placed.find(({ ok }) => !ok)).toMatchObject({ refusal: { extra: { passenger: 1 } } });
      // Neither in another part of the run, nor by another way to write the number.
      expect(codeOf(await sale.order({ userId: 'v', documents: ['e1'] }))).toBe('JOURNEY_OVERLAPS');
      expect(codeOf(await sale.order({ userId: 'v', documents: ['E-1'] }))).toBe('JOURNEY_OVERLAPS');
      expect(codeOf(await sale.order({ userId: 'v', documents: ['E-1'], date: NEXT }))).toBe('placed');
      expect(codeOf(await sale.order({ userId: 'v', documents: ['E1'], date: NEXT }))).toBe('JOURNEY_OVERLAPS');
      expect(codeOf(await sale.order({ userId: 'v', documents: ['E2'] }))).toBe('placed');
      const ofAnotherKind = { ...person('E1'), idType: 'residencePermit' } as const;
      expect(codeOf(await sale.order({ userId: 'v', passengers: [ofAnotherKind] }))).toBe('placed');
      expect(audited(await sale.events()).violations).toEqual([]);
    });

    test('for one document are no more tickets a day than the limit', async () => {
      const sale = await limitedSale([...hourly(14), { ...G1, train: 'G99', date: NEXT }], { atomicStreams });
      const trains = Array.from({ length: 50 }, (_, n) => `G${(n % 14) + 1}`);
      const placed = await Promise.all(trains.map((train, n) => sale.order({ train, userId: `u${n}` })));
      expect(placed.filter(({ ok }) => ok)).toHaveLength(10);
      const answers = counts(placed.map(codeOf));
      expect((answers.LIMIT_DOCUMENT ?? 0) + (answers.JOURNEY_OVERLAPS ?? 0)).toBe(40);
      const later = await Promise.all(trains.slice(0, 14).map((train) => sale.order({ train, userId: 'later' })));
      expect(counts(later.map(codeOf))).toEqual({ LIMIT_DOCUMENT: 4, JOURNEY_OVERLAPS: 10 });
      expect(later.find((one) => codeOf(one) === 'LIMIT_DOCUMENT')).toMatchObject({
        refusal: { extra: { tickets: 10, limit: 10, passenger: 1 } },
      });
      expect(codeOf(await sale.order({ train: 'G99', date: NEXT }))).toBe('placed');
    });

    test('that are the same request are one order, also at the limit', async () => {
      const sale = await limitedSale([G1], { atomicStreams });
      const same = { idempotencyKey: 'same', documents: documents(5) };
      const placed = await Promise.all(Array.from({ length: 50 }, () => sale.order(same)));
      expect(new Set(placed.map(numberOf)).size).toBe(1);
      expect(placed.filter((one) => one.ok && !one.value.repeated)).toHaveLength(1);
      expect(await sale.order(same)).toMatchObject({ ok: true, value: { repeated: true } });
      const other = { idempotencyKey: 'same', documents: ['X'] };
      expect(codeOf(await sale.order(other))).toBe('IDEMPOTENCY_KEY_REUSED');
      expect(codeOf(await sale.order({ userId: 'v', documents: ['X'] }))).toBe('placed');
      expect(codeOf(await sale.order({ userId: 'v', documents: ['D4'] }))).toBe('JOURNEY_OVERLAPS');
    });
  });

  describe('a journey', () => {
    test('overlaps those that go on when it begins, to the minute, and across midnight', async () => {
      const night: SoldRun = { train: 'Z1', date: DATE, minutes: [1_380, 1_410, 1_470] };
      const next = (train: string, ...minutes: SoldRun['minutes']): SoldRun => ({ train, date: NEXT, minutes });
      const early = [next('G2', 29, 60, 90), next('G3', 30, 60, 90), next('G4', 0, 10, 20)];
      const evening: SoldRun = { train: 'G5', date: DATE, minutes: [1_300, 1_340, 1_381] };
      const sale = await limitedSale([night, ...early, evening], { atomicStreams });
      const ask = (run: SoldRun, more: object = {}) => sale.order({ train: run.train, date: run.date, ...more });
      expect(codeOf(await ask(night))).toBe('placed');
      const [g2, g3, g4] = early as [SoldRun, SoldRun, SoldRun];
      expect(codeOf(await ask(g2))).toBe('JOURNEY_OVERLAPS');
      expect(codeOf(await ask(g4))).toBe('JOURNEY_OVERLAPS');
      expect(codeOf(await ask(g3))).toBe('placed');
      expect(codeOf(await ask(evening))).toBe('JOURNEY_OVERLAPS');
      expect(codeOf(await ask(evening, { to: 'B' }))).toBe('placed');
    });

    test('is the only one of a document on its run, also days later', async () => {
      const long: SoldRun = { train: 'T1', date: DATE, minutes: [600, 4_000, 5_000] };
      const sale = await limitedSale([long], { atomicStreams });
      expect(codeOf(await sale.order({ train: 'T1', to: 'B' }))).toBe('placed');
      expect(codeOf(await sale.order({ train: 'T1', from: 'B' }))).toBe('JOURNEY_OVERLAPS');
      expect(codeOf(await sale.order({ train: 'T1', from: 'B', documents: ['E2'] }))).toBe('placed');
      expect(codeOf(await sale.order({ train: 'T1', to: 'B', documents: ['E2'] }))).toBe('JOURNEY_OVERLAPS');
      const days = (await sale.events('traveller')).map(({ stream }) => travellerCategory.idOf(stream).date);
      expect([...new Set(days)].sort()).toEqual([DATE, NEXT, '2026-12-03', '2026-12-04']);
    });

    test('counts on the day on which it begins', async () => {
      const night: SoldRun = { train: 'Z1', date: DATE, minutes: [1_380, 1_460, 1_500] };
      const limits = { ticketsPerDocument: 1 };
      const sale = await limitedSale([night, { ...G1, date: NEXT }, G1], { atomicStreams, limits });
      expect(codeOf(await sale.order({ train: 'Z1', to: 'B' }))).toBe('placed');
      expect(codeOf(await sale.order({ date: NEXT }))).toBe('placed');
      expect(codeOf(await sale.order())).toBe('LIMIT_DOCUMENT');
      // Boarding after midnight, on a run of the day before.
      expect(codeOf(await sale.order({ train: 'Z1', from: 'B', documents: ['E2'] }))).toBe('placed');
      expect(codeOf(await sale.order({ documents: ['E2'] }))).toBe('placed');
      expect(codeOf(await sale.order({ documents: ['E2'], date: NEXT }))).toBe('LIMIT_DOCUMENT');
    });
  });

  describe('what an ended order had', () => {
    test.each(['CANCELLED', 'EXPIRED', 'SOLD_OUT'] as const)('is free again: %s', async (reason) => {
      for (const byWorkflow of [true, false]) {
        const sale = await limitedSale([G1], { atomicStreams });
        const all = documents(5);
        const orderNo = numberOf(await sale.order({ documents: all }));
        expect(codeOf(await sale.order({ documents: ['X'] }))).toBe('LIMIT_TRAIN');
        expect(codeOf(await sale.order({ documents: ['D3'], userId: 'v' }))).toBe('JOURNEY_OVERLAPS');
        await sale.write(orderNo, ...(reason === 'SOLD_OUT' ? [] : [seatsHeld(5)]), closed(reason));
        if (byWorkflow) await settle(sale, orderNo);
        // Without the workflow, whoever meets what it had finds that its order has ended.
        expect(codeOf(await sale.order({ documents: all }))).toBe('placed');
        await settle(sale, orderNo);
        expect(codeOf(await sale.order({ documents: ['X'] }))).toBe('LIMIT_TRAIN');
        expect(codeOf(await sale.order({ documents: ['D3'], userId: 'v' }))).toBe('JOURNEY_OVERLAPS');
        const before = await sale.store.lastPosition();
        await settle(sale, orderNo);
        expect(await sale.store.lastPosition()).toBe(before);
      }
    });

    test('is free ticket by ticket as they are given back', async () => {
      for (const byWorkflow of [true, false]) {
        const sale = await limitedSale([G1], { atomicStreams });
        const orderNo = numberOf(await sale.order({ documents: documents(5) }));
        await sale.write(orderNo, ...sold(5), givenBack(2, 4));
        if (byWorkflow) await settle(sale, orderNo);
        expect(codeOf(await sale.order({ documents: ['D0'], userId: 'v' }))).toBe('JOURNEY_OVERLAPS');
        expect(codeOf(await sale.order({ documents: ['X', 'Y', 'Z'] }))).toBe('LIMIT_TRAIN');
        expect(codeOf(await sale.order({ documents: ['D1', 'D3'] }))).toBe('placed');
        expect(codeOf(await sale.order({ documents: ['X'] }))).toBe('LIMIT_TRAIN');
      }
    });
  });

  describe('an exchange of tickets', () => {
    test('may overlap the ticket that it replaces, and no other, and counts once', async () => {
      const sale = await limitedSale([G1, { ...G1, train: 'G2', minutes: [610, 670, 730] }], { atomicStreams });
      const old = numberOf(await sale.order({ documents: documents(5) }));
      await sale.write(old, ...sold(5));
      const replaces = { orderNo: old, itemNos: [1, 2] };
      expect(codeOf(await sale.order({ documents: ['D0', 'D1'] }))).toBe('LIMIT_TRAIN');
      expect(codeOf(await sale.order({ documents: ['D0', 'D2'], replaces }))).toBe('JOURNEY_OVERLAPS');
      const onward = numberOf(await sale.order({ documents: ['D0', 'D1'], replaces }));
      expect(codeOf(await sale.order({ documents: ['X'] }))).toBe('LIMIT_TRAIN');
      // It comes to nothing, and all is as before.
      await sale.write(onward, seatsHeld(2), closed('EXPIRED'));
      await settle(sale, onward);
      expect(codeOf(await sale.order({ documents: ['X'] }))).toBe('LIMIT_TRAIN');
      expect(codeOf(await sale.order({ documents: ['D0'], userId: 'v', train: 'G2' }))).toBe('JOURNEY_OVERLAPS');
      expect(codeOf(await sale.order({ documents: ['D0', 'D1'], replaces, train: 'G2' }))).toBe('placed');
    });
  });

  describe('limits that are lifted', () => {
    test('keep nobody from anything and write nothing', async () => {
      const sale = await limitedSale([G1], { atomicStreams, limits: NO_LIMITS });
      for (let n = 0; n < 12; n += 1) expect(codeOf(await sale.order({ documents: documents(5) }))).toBe('placed');
      for (let n = 0; n < 4; n += 1) {
        const orderNo = numberOf(await sale.order());
        await sale.write(orderNo, seatsHeld(), closed('CANCELLED'));
        await settle(sale, orderNo);
      }
      expect(codeOf(await sale.order())).toBe('placed');
      expect([await sale.events('buyer'), await sale.events('traveller')]).toEqual([[], []]);
    });

    test('one by one leave the others', async () => {
      const more = (limits: object) => limitedSale([G1], { atomicStreams, limits });
      const twice = await more({ mayOverlap: true, ticketsPerDocument: 2 });
      const answers = [await twice.order(), await twice.order(), await twice.order()];
      expect(answers.map(codeOf)).toEqual(['placed', 'placed', 'LIMIT_DOCUMENT']);
      const alone = await more({
        ticketsPerDocument: Number.POSITIVE_INFINITY,
        ticketsPerTrain: NO_LIMITS.ticketsPerTrain,
      });
      expect([await alone.order(), await alone.order()].map(codeOf)).toEqual(['placed', 'JOURNEY_OVERLAPS']);
      expect(await alone.events('buyer')).toEqual([]);
    });

    test('afterwards release what was reserved before', async () => {
      const sale = await limitedSale([G1], { atomicStreams });
      const orderNo = numberOf(await sale.order());
      await sale.write(orderNo, closed('SOLD_OUT'));
      const lifted = await limitedSale([], { store: sale.store, limits: NO_LIMITS });
      await settle({ ...sale, reservations: lifted.reservations }, orderNo);
      const types = [...(await sale.events('buyer')), ...(await sale.events('traveller'))].map(({ type }) => type);
      expect(types).toEqual(['TicketsReserved', 'TicketsReleased', 'JourneyReserved', 'JourneyReleased']);
    });
  });

  test('the events name neither documents nor users', async () => {
    const sale = await limitedSale([G1], { atomicStreams });
    const orderNo = numberOf(await sale.order({ documents: ['E12345678'], userId: 'Ömer/..\u0000@example.org' }));
    await sale.write(orderNo, seatsHeld(), closed('EXPIRED'));
    await settle(sale, orderNo);
    const written = [...(await sale.events('buyer')), ...(await sale.events('traveller'))];
    expect(written).toHaveLength(5);
    const { data, stream } = { data: written.map((event) => event.data), stream: written.map((event) => event.stream) };
    expect(JSON.stringify([data, stream])).not.toMatch(/E12345678|mer|example/);
  });
});

test('an order of which a newer version wrote something is taken for one that stands', async () => {
  const sale = await limitedSale([G1]);
  const orderNo = numberOf(await sale.order());
  await sale.write(orderNo, closed('SOLD_OUT'));
  const newer = newEvent({}, 'OrderUpgraded', 1);
  await sale.store.append([{ stream: `order-${orderNo}`, expected: 1, events: [newer] }]);
  expect(codeOf(await sale.order({ userId: 'v' }))).toBe('JOURNEY_OVERLAPS');
});

test('an order that cannot be read refuses nobody: the request fails, and may be repeated', async () => {
  let orderNo = '';
  class Unreadable extends ForwardingStore {
    override async readStream(stream: string, options?: ReadStreamOptions) {
      if (stream === `order-${orderNo}`) throw new EventStoreError('STORE_UNAVAILABLE', 'out of reach');
      return super.readStream(stream, options);
    }
  }
  const sale = await limitedSale([G1], { seen: (store) => new Unreadable(store) });
  orderNo = numberOf(await sale.order());
  await expect(sale.order({ userId: 'v' })).rejects.toThrow('out of reach');
});

test('an order that meets nobody reads nothing', async () => {
  const store = new GuidedStore();
  const sale = await limitedSale([G1], { store });
  store.read.length = 0;
  await sale.order({ documents: documents(5) });
  expect(store.read.filter((stream) => !stream.startsWith('trainRun-'))).toEqual([]);
});

test('of an order and its reservation either both are written or neither', async () => {
  const sale = await limitedSale([G1, { ...G1, train: 'G2' }]);
  await sale.order({ documents: ['D1'], userId: 'v' });
  const before = await sale.store.lastPosition();
  expect(codeOf(await sale.order({ documents: ['D0', 'D1', 'D2'], train: 'G2' }))).toBe('JOURNEY_OVERLAPS');
  expect(await sale.store.lastPosition()).toBe(before);
});

test('a party larger than the limit is refused before anything is written', async () => {
  const sale = await limitedSale([G1], { limits: { ticketsPerTrain: () => 2 } });
  const before = await sale.store.lastPosition();
  expect(codeOf(await sale.order({ documents: documents(3) }))).toBe('LIMIT_TRAIN');
  expect(await sale.store.lastPosition()).toBe(before);
});
