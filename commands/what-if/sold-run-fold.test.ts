// Given the events of a sale, then it is known what was asked for, what came of it, and in which order.
import { expect, test } from '@jest/globals';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { smallSale } from '@railhead/tests/support/small-sale.ts';
import { bestFitOnly } from '../allocation/selling-rules.ts';
import { figuresOf } from './figures.ts';
import type { SoldRun } from './sold-run.ts';
import { soldRunIn } from './what-if.ts';

const coach = {
  coach: '01',
  seatClass: 'second',
  layout: { kind: 'rows', rows: 1, letters: 'AB' },
  standing: 1,
} as const;
const run = openedRun({
  stops: stopsOf('A', 'B', 'C'),
  composition: [coach],
  tariff: { ...openedRun().tariff, ratesMilliFenPerKm: { second: 10_000, standing: 5_000 } },
});
const sell = () => smallSale(run, bestFitOnly);
type Sale = Awaited<ReturnType<typeof sell>>;

const soldRun = async ({ store }: Sale, upTo?: number): Promise<SoldRun> => {
  const sold = await soldRunIn(store, run, upTo ?? (await store.lastPosition()));
  if (!sold.ok) throw new Error(sold.refusal.code);
  return sold.value;
};
const stepsOf = ({ steps }: SoldRun): readonly object[] => steps.map(({ atMs: _, ...step }) => step);
const seat = { from: 0, to: 2, wants: [undefined] } as const;

test('tickets that are given back in parts, the last ones too, are given back and not released', async () => {
  const sale = await sell();
  const orderNo = await sale.request({ ...seat, wants: [undefined, undefined] });
  await sale.hold(orderNo);
  await sale.end(orderNo, 'confirm');
  await sale.giveBack(orderNo, [1]);
  const before = await soldRun(sale);
  expect(before.outcomes.get(orderNo)).toMatchObject({ kind: 'sold', kept: [0] });
  await sale.giveBack(orderNo, [0]);
  const sold = await soldRun(sale);
  expect(stepsOf(sold)).toEqual([
    { kind: 'ask', orderNo, toStand: false },
    { kind: 'confirm', orderNo },
    { kind: 'giveBack', orderNo, travellers: [1] },
    { kind: 'giveBack', orderNo, travellers: [0] },
  ]);
  expect(sold.outcomes.get(orderNo)).toMatchObject({ kind: 'ended', kept: [] });
});

test('a change is known with its travellers, and whether it was made', async () => {
  const sale = await sell();
  const orderNo = await sale.request(seat);
  const requested = { changeNo: 'C1', newOrderNo: 'O9', items: [{ itemNo: 1 }] };
  await sale.write(orderNo, 'OrderChangeRequested', requested);
  const change = { orderNo, travellers: [0], newOrderNo: 'O9' };
  expect((await soldRun(sale)).changes).toEqual([{ ...change, isDone: false }]);
  await sale.write(orderNo, 'OrderChanged', { changeNo: 'C1' });
  expect((await soldRun(sale)).changes).toEqual([{ ...change, isDone: true }]);
});

test('an order that ends without a decision gives up what it may get, and one that is not decided is open', async () => {
  const sale = await sell();
  const [ended, open] = [await sale.request(seat), await sale.request(seat)];
  await sale.store.append([sale.close(ended, 'CANCELLED')]);
  const sold = await soldRun(sale);
  expect(stepsOf(sold)).toEqual([{ kind: 'release', orderNo: ended, reason: 'CANCELLED' }]);
  expect([...sold.outcomes]).toEqual([
    [ended, { kind: 'refused', code: 'CANCELLED' }],
    [open, { kind: 'open' }],
  ]);
});

test('added coaches, withdrawals and the end of the sale stand where they were decided', async () => {
  const sale = await sell();
  const orderNo = await sale.request(seat);
  const operation = { orderNo: 'W1', meta: sale.meta() };
  await sale.submit('second', { kind: 'withdraw', from: 0, to: 2, seats: [1], reason: 'broken', ...operation });
  await sale.submit('second', { kind: 'return', ...operation });
  const added = { ...coach, coach: '02' };
  const events = [newEvent({ coaches: [added] }, 'CoachesAdded')];
  await sale.store.append([{ stream: runCategory.stream(run), expected: 'any', events }]);
  await sale.hold(orderNo);
  await sale.submit('second', { kind: 'close', reason: 'RUN_CANCELLED', ...operation });
  const sold = await soldRun(sale);
  const legs = [{ from: 0, to: 2, seats: [1] }];
  expect(stepsOf(sold)).toEqual([
    { kind: 'withdraw', seatClass: 'second', withdrawalNo: 'W1', legs, reason: 'broken' },
    { kind: 'return', seatClass: 'second', withdrawalNo: 'W1' },
    { kind: 'extend', coaches: [added] },
    { kind: 'ask', orderNo, toStand: false },
    { kind: 'close', seatClass: 'second', reason: 'RUN_CANCELLED' },
  ]);
  expect(sold.composition).toEqual([coach, added]);
});

test('nothing later than the position counts, and an event of a newer version ends what is taken of its stream', async () => {
  const sale = await sell();
  const orderNo = await sale.request(seat);
  const position = await sale.store.lastPosition();
  await sale.hold(orderNo);
  await sale.end(orderNo, 'confirm');
  await sale.request(seat);
  expect([...(await soldRun(sale, position)).outcomes]).toEqual([[orderNo, { kind: 'open' }]]);
  await sale.write(orderNo, 'OrderDreamt', {});
  await sale.write(orderNo, 'OrderOfferedStanding', { faresFen: [1] });
  const sold = await soldRun(sale);
  expect([...sold.setAside.keys()]).toEqual([`order-${orderNo}`]);
  expect(sold.offeredStanding.size).toBe(0);
});

test('figures: each traveller by the own fare, and those who stand by themselves', async () => {
  const sale = await sell();
  const both = await sale.request({ ...seat, wants: [undefined, undefined] });
  const stands = await sale.request({ ...seat, from: 1, acceptStanding: true });
  const refused = await sale.request(seat);
  for (const orderNo of [both, stands, refused]) await sale.hold(orderNo);
  for (const orderNo of [both, stands]) await sale.end(orderNo, 'confirm');
  const sold = await soldRun(sale);
  const child = new Map(sold.outcomes);
  const outcome = child.get(both);
  if (outcome?.kind !== 'sold') throw new Error('it was sold');
  child.set(both, { ...outcome, faresFen: [2_000, 1_000], kept: [1] });
  expect(figuresOf(sold, child)).toEqual({
    ...{ served: 2, refused: { SOLD_OUT: 1 }, open: 0, seatsSold: 2, standing: 1, seatsHeld: 0 },
    ...{ seatKm: 300, revenueFen: 1_500 },
    segments: [
      { from: 'A', to: 'B', seats: 2, sold: 1, standing: 0 },
      { from: 'B', to: 'C', seats: 2, sold: 1, standing: 1 },
    ],
  });
});
