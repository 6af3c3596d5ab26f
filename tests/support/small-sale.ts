// One run that is sold by real allocators on a store in memory, with the events of its orders, and no process around it.
import { AllocatorPool } from '@railhead/commands/allocation/allocator-pool.ts';
import type { LockOperation, LockOutcome, Operation } from '@railhead/commands/allocation/operation.ts';
import type { SellingRules } from '@railhead/commands/allocation/selling-rules.ts';
import { standingFares } from '@railhead/commands/orders/standing-fares.ts';
import { timestampOf } from '@railhead/commands/ports/clock.ts';
import type { NewEvent, RecordedEvent, StreamAppend } from '@railhead/commands/ports/event-store.ts';
import { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { CloseReason, OrderRequest } from '@railhead/domain/order/events.ts';
import { seatWish } from '@railhead/domain/order/seat-wish.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import { journeyFares } from '@railhead/domain/train-run/journey.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { MemorySnapshots } from '@railhead/infra/snapshots/memory-snapshots.ts';
import { newEvent, testMeta } from './events.ts';
import { ManualClock } from './fixed-clock.ts';
import { oneSeat } from './order-request.ts';
import { seededRandom } from './seeded-random.ts';

export type Wish = Partial<Pick<OrderRequest, 'acceptStanding' | 'acceptSeatChange' | 'change'>> & {
  readonly from: number;
  readonly to: number;
  readonly wants: readonly (string | undefined)[];
};

/** A day before the train leaves. */
const BEGINS = Date.parse('2026-11-30T00:00:00+08:00');

export const smallSale = async (
  run: TrainRunOpened['data'],
  rules: SellingRules,
  { atomicStreams = true }: { readonly atomicStreams?: boolean } = {},
) => {
  const store = new MemoryEventStore({ atomicStreams });
  const clock = new ManualClock(BEGINS);
  const meta = (): EventMeta => ({ ...testMeta(), at: timestampOf(clock, clock.now()) });
  const eventOf = (type: string, data: unknown, version = 1): NewEvent => ({
    ...newEvent(data, type, version),
    meta: meta(),
  });
  await store.append([
    { stream: runCategory.stream(run), expected: 'noStream', events: [eventOf('TrainRunOpened', run, 2)] },
  ]);
  const pool = new AllocatorPool(
    {
      store,
      clock,
      random: seededRandom(1),
      owner: 'one',
      rules,
      snapshots: new MemorySnapshots(),
      snapshotEvery: 1_000_000,
      onSnapshotFailed: () => {},
      onSaleStopped: (_, detail) => {
        throw new Error(detail);
      },
    },
    new RunDirectory(store),
  );
  const requests = new Map<string, OrderRequest>();
  const classOf = new Map<string, SeatClass>();
  const appendOf = (orderNo: string, type: string, data: unknown): StreamAppend => ({
    stream: orderCategory.stream(orderNo),
    expected: 'any',
    events: [eventOf(type, data)],
  });
  const close = (orderNo: string, reason: CloseReason): StreamAppend =>
    appendOf(orderNo, 'OrderClosed', { reason, detail: '' });

  const request = async (wish: Wish): Promise<string> => {
    const orderNo = `O${requests.size + 1}`;
    const passengers = wish.wants.map((wants, index) => ({
      ...({ name: 'n', idType: 'passport', idNo: `${orderNo}${index}`, kind: 'adult' } as const),
      ...(wants === undefined ? {} : { wants }),
    }));
    const fares = journeyFares(
      run,
      wish,
      'second',
      passengers.map(({ kind }) => kind),
    );
    const { train, date } = run;
    const { wants: _, ...rest } = wish;
    const asked = { ...oneSeat, train, date, ...rest, passengers, faresFen: fares.ok ? fares.value : [] };
    requests.set(orderNo, asked);
    await store.append([appendOf(orderNo, 'OrderRequested', { orderNo, requestHash: '', request: asked })]);
    return orderNo;
  };

  const eventFor = (orderNo: string, seatClass: SeatClass, asked: OrderRequest, outcome: LockOutcome) => {
    if (outcome.ok) {
      classOf.set(orderNo, seatClass);
      return appendOf(orderNo, 'OrderSeatsHeld', { lockId: outcome.value.lockId, items: [] });
    }
    const kinds = asked.passengers.map(({ kind }) => kind);
    const faresFen = standingFares({ ...asked, seatClass, kinds }, run);
    return faresFen === undefined
      ? close(orderNo, 'SOLD_OUT')
      : appendOf(orderNo, 'OrderOfferedStanding', { soldOut: seatClass, faresFen });
  };

  const submit = (seatClass: SeatClass, operation: Operation): Promise<LockOutcome> =>
    pool.submit({ train: run.train, date: run.date, seatClass }, operation);

  /** Seats of the class asked for, and then, of those who accept it, places to stand. */
  const hold = async (orderNo: string, seatClass: SeatClass = 'second'): Promise<void> => {
    const asked = requests.get(orderNo) ?? oneSeat;
    const { from, to, passengers, acceptSeatChange, date } = asked;
    const assignedLater = run.lateAssignment?.includes(seatClass) === true;
    const wants = passengers.map((passenger) => seatWish(passenger, seatClass, date));
    const order = {
      isWaiting: () => true,
      eventFor: (outcome: LockOutcome) => eventFor(orderNo, seatClass, asked, outcome),
    };
    const outcome = await submit(seatClass, {
      ...{ kind: 'hold', orderNo, from, to, wants, acceptSeatChange, assignedLater, meta: meta(), order },
    });
    const canStand = standingFares({ ...asked, seatClass, kinds: ['adult'] }, run) !== undefined;
    if (!outcome.ok && outcome.refusal.code === 'SOLD_OUT' && canStand) await hold(orderNo, 'standing');
  };

  const end = async (orderNo: string, kind: LockOperation['kind']): Promise<void> => {
    const seatClass = classOf.get(orderNo);
    if (seatClass === undefined) return;
    const closing = kind === 'confirm' ? [] : [close(orderNo, kind === 'expire' ? 'EXPIRED' : 'CANCELLED')];
    // Both at once, so that what is submitted together is decided together.
    await Promise.all([store.append(closing), submit(seatClass, { kind, orderNo, meta: meta(), reason: 'CANCELLED' })]);
  };

  const giveBack = async (orderNo: string, travellers: readonly number[], reason = 'REFUNDED'): Promise<void> => {
    const seatClass = classOf.get(orderNo);
    if (seatClass !== undefined)
      await submit(seatClass, { kind: 'giveBack', orderNo, travellers, reason, meta: meta() });
  };

  const write = async (orderNo: string, type: string, data: unknown): Promise<void> => {
    await store.append([appendOf(orderNo, type, data)]);
  };

  const events = async (): Promise<readonly RecordedEvent[]> =>
    (await store.readAll({ after: 0, limit: 1_000_000 })).events;
  return { store, clock, run, request, hold, end, giveBack, submit, write, close, events, meta };
};

export type SmallSale = Awaited<ReturnType<typeof smallSale>>;
