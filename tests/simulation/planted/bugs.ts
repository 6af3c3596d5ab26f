// Typical bugs, planted between Railhead and its ports. Each must be caught within a given number of seeds.
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { strangenessIn } from '@railhead/commands/streams/understood.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import type { SimLog } from '../ports/sim-log.ts';
import { AFTER_SALES_BUGS } from './after-sales-bugs.ts';
import { answeringEarly, changedAppends, withoutEvents } from './appends.ts';
import { BATCH_BUGS } from './batch-bugs.ts';
import { changedProjection } from './changed-projection.ts';
import { allLeftWithTheFirst, payableForAnHour, unfenced, unfencedBehindAnother } from './changes.ts';
import { LIMIT_BUGS } from './limit-bugs.ts';
import type { PlantedBug } from './planted-bug.ts';
import { QUEUE_BUGS } from './queue-bugs.ts';
import { READ_BUGS } from './read-bugs.ts';
import { skippingStep, withoutStep } from './steps.ts';
import { WAITLIST_BUGS } from './waitlist-bugs.ts';

export type { PlantedBug } from './planted-bug.ts';

const never = <Value>(): Promise<Value> => new Promise(() => {});

const strangenessOf = strangenessIn([orderCategory, runCategory]);

/** Longer than any pause between two attempts, so only timers for travellers and trains are longer. */
const LONG_TIMER_MS = 45_000;

const endOf = async (log: SimLog): Promise<{ readonly position: number; readonly fingerprint: string }> => {
  const position = log.events.length;
  return { position, fingerprint: (await log.store.fingerprintAt(position)) ?? '' };
};

export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'forget-a-release',
    about: 'the seats of a closed order are not given back',
    within: 20,
    seam: () => ({ steps: (steps) => skippingStep(steps, 'releaseSeats', { seatsReleased: true }) }),
  },
  {
    name: 'release-all-but-one',
    about: 'seats are given back on every segment but the first',
    within: 20,
    seam: () => ({
      store: (store) =>
        withoutEvents(store, ({ stream, type }) => type === 'SeatsReleased' && /_0_[a-z]+$/i.test(stream)),
    }),
  },
  ...BATCH_BUGS,
  ...READ_BUGS,
  {
    name: 'answered-before-durable',
    about: 'who places an order is told so before its request is durable',
    within: 20,
    seam: () => ({ store: answeringEarly }),
  },
  {
    name: 'unknown-is-done',
    about: 'an append whose outcome is unknown is taken for written',
    within: 20,
    seam: () => ({
      store: (store) => ({
        ...changedAppends(store, (appends) => appends),
        append: async (appends, options) => {
          try {
            return await store.append(appends, options);
          } catch (error) {
            if (!(error instanceof EventStoreError) || error.code !== 'OUTCOME_UNKNOWN') throw error;
            return appends.map(({ expected, events }) => {
              const revision = (typeof expected === 'number' ? expected : -1) + events.length;
              return { ok: true, revision, position: 0, repeated: false } as const;
            });
          }
        },
      }),
    }),
  },
  {
    name: 'check-then-act',
    about: 'orders are written without the revision they were decided on',
    within: 50,
    seam: () => ({ store: (store) => changedAppends(store, unfenced('order')) }),
  },
  {
    name: 'stale-owner',
    about: 'the lock book is written without a revision: an owner that was replaced is not fenced off',
    within: 50,
    seam: () => ({ store: (store) => changedAppends(store, unfenced('seatLock')) }),
  },
  {
    name: 'segments-unfenced',
    about: 'occupancy is written without a revision',
    within: 50,
    seam: () => ({ store: (store) => changedAppends(store, unfenced('segmentInventory')) }),
  },
  {
    name: 'second-batch-unfenced',
    about: 'a batch is sent behind another one without the revisions that follow from it',
    within: 100,
    seam: () => ({ store: unfencedBehindAnother }),
  },
  {
    name: 'checkpoint-first',
    about: 'a read model saves its position before it has applied the events',
    within: 20,
    seam: () => {
      const positions = new Map<string, number>();
      return {
        projection: (model, node) =>
          changedProjection(model, {
            load: async (log) => Math.max(positions.get(`${node}/${model.name}`) ?? 0, await model.load(log)),
            apply: (batch) => {
              if (model.name !== 'availability') positions.set(`${node}/${model.name}`, batch.position);
              return model.apply(batch);
            },
          }),
      };
    },
  },
  {
    name: 'checkpoint-ahead',
    about: 'a process saves the end of the log as its place, and not what it has read',
    within: 50,
    seam: () => ({
      checkpoints: (checkpoints, { log }) => ({
        load: () => checkpoints.load(),
        save: async (change) => checkpoints.save({ ...change, ...(await endOf(log)) }),
        replace: async (checkpoint) => checkpoints.replace({ ...checkpoint, ...(await endOf(log)) }),
      }),
    }),
  },
  {
    name: 'position-believed',
    about: 'a stored position is believed, whatever stands there in the log',
    within: 50,
    seam: () => ({
      store: (store) => ({
        ...changedAppends(store, (appends) => appends),
        fingerprintAt: async () => 'the same',
      }),
    }),
  },
  {
    name: 'stranger-stops-all',
    about: 'a read model refuses a batch with an event that it does not understand',
    within: 50,
    seam: () => ({
      projection: (model) =>
        changedProjection(model, {
          load: (log) => model.load(log),
          apply: async (batch) => {
            if (batch.events.some((event) => strangenessOf(event) !== undefined)) throw new Error('not understood');
            await model.apply(batch);
          },
        }),
    }),
  },
  {
    name: 'full-disk-is-poison',
    about: 'a read model that has no room to write counts it as a fault of the event',
    within: 100,
    seam: () => ({
      projection: (model) => ({
        name: model.name,
        categories: model.categories,
        setAside: model.setAside,
        drop: () => model.drop(),
        load: (log) => model.load(log),
        apply: (batch) => model.apply(batch),
      }),
    }),
  },
  {
    name: 'stop-without-end',
    about: 'a process that is asked to stop waits for what nobody does any more',
    within: 50,
    seam: () => ({
      checkpoints: (checkpoints, { life }) => ({
        load: () => checkpoints.load(),
        save: (change) => (life.isClosing ? never() : checkpoints.save(change)),
        replace: (checkpoint) => (life.isClosing ? never() : checkpoints.replace(checkpoint)),
      }),
    }),
  },
  {
    name: 'stop-loses-what-is-due',
    about: 'a process that is asked to stop says that nothing is left to do',
    within: 50,
    seam: () => ({
      checkpoints: (checkpoints, { life }) => ({
        load: () => checkpoints.load(),
        save: async (change) => {
          const { unfinished } = await checkpoints.load();
          return checkpoints.save(life.isClosing ? { ...change, begun: [], finished: unfinished } : change);
        },
        replace: (checkpoint) => checkpoints.replace(life.isClosing ? { ...checkpoint, unfinished: [] } : checkpoint),
      }),
    }),
  },
  {
    name: 'unfinished-forgotten',
    about: 'a checkpoint does not name the orders that are unfinished',
    within: 50,
    seam: () => ({
      checkpoints: (checkpoints) => ({
        load: () => checkpoints.load(),
        save: (change) => checkpoints.save({ ...change, begun: [], finished: [] }),
        replace: (checkpoint) => checkpoints.replace({ ...checkpoint, unfinished: [] }),
      }),
    }),
  },
  {
    name: 'timer-dropped',
    about: 'a long timer never fires',
    within: 20,
    seam: () => ({
      clock: (clock) => ({
        zone: clock.zone,
        now: () => clock.now(),
        after: (delayMs, task) => (delayMs > LONG_TIMER_MS ? { cancel: () => {} } : clock.after(delayMs, task)),
      }),
    }),
  },
  {
    name: 'deaf-subscription',
    about: 'a subscription goes on when it is told to end',
    within: 20,
    seam: () => ({
      store: (store) => ({
        ...changedAppends(store, (appends) => appends),
        subscribe: ({ signal: _, ...options }) => store.subscribe(options),
      }),
    }),
  },
  {
    name: 'coaches-not-added',
    about: 'a change of coaches is accepted, and those it was to bring never come',
    within: 60,
    seam: () => ({ store: (store) => withoutEvents(store, ({ type }) => type === 'CoachesAdded') }),
  },
  {
    name: 'stops-ahead-not-sold',
    about: 'a train that has left its first stop is sold nowhere any more',
    within: 50,
    seam: () => ({
      store: (store) => ({
        ...changedAppends(store, (appends) => appends),
        readStream: async (stream, options) =>
          (await store.readStream(stream, options)).map((event) =>
            event.type === 'TrainRunOpened' ? { ...event, data: allLeftWithTheFirst(event.data) } : event,
          ),
      }),
    }),
  },
  {
    name: 'paid-after-departure',
    about: 'seats are kept for a payment as long as ever, whenever the train leaves',
    within: 50,
    seam: () => ({
      store: (store) =>
        changedAppends(store, (appends) =>
          appends.map((append) => ({
            ...append,
            events: append.events.map((event) =>
              event.type === 'OrderSeatsHeld' ? { ...event, data: payableForAnHour(event.data) } : event,
            ),
          })),
        ),
    }),
  },
  {
    name: 'refund-twice',
    about: 'a refund that is asked for again is paid again',
    within: 50,
    seam: () => ({
      gateway: (inner, { gateway }) => ({
        ...inner,
        refund: async (payment) => {
          const account = gateway.accounts.get(payment.paymentNo);
          if (account?.refunds.has(payment.refundNo) === true) account.refundedFen += payment.amountFen;
          return inner.refund(payment);
        },
      }),
    }),
  },
  {
    name: 'refund-forgotten',
    about: 'money that bought no ticket is never asked back',
    within: 20,
    seam: () => ({ steps: (steps) => skippingStep(steps, 'requestRefund') }),
  },
  ...AFTER_SALES_BUGS,
  ...LIMIT_BUGS,
  ...WAITLIST_BUGS,
  ...QUEUE_BUGS,
  {
    name: 'expire-unasked',
    about: 'an order expires without a question to the gateway, which may have been paid',
    within: 20,
    seam: () => ({
      steps: (steps) =>
        steps.map((step) =>
          step.kind !== 'expire'
            ? step
            : {
                ...step,
                run: (subject) => step.run({ ...subject, current: () => ({ ...subject.current(), payments: {} }) }),
              },
        ),
    }),
  },
  {
    name: 'late-money-kept',
    about: 'nobody asks how the payments of an order end once the order has',
    within: 50,
    seam: () => ({ steps: (steps) => withoutStep(steps, 'endPayment') }),
  },
  {
    name: 'close-believed-unanswered',
    about: 'a payment counts as closed although the gateway did not answer',
    within: 50,
    seam: () => ({
      gateway: (inner) => ({ ...inner, close: (payment) => inner.close(payment).catch(() => ({ status: 'closed' })) }),
    }),
  },
  {
    name: 'paid-answer-unheard',
    about: 'the gateway answers that a payment is paid, and it is taken for closed',
    within: 50,
    seam: () => ({
      gateway: (inner) => ({ ...inner, close: (payment) => inner.close(payment).then(() => ({ status: 'closed' })) }),
    }),
  },
  {
    name: 'every-tenth-refused',
    about: 'of ten parties for whom seats are free one is told that there are none',
    within: 20,
    seam: () => {
      let asked = 0;
      return {
        policy: (policy) => (layout, occupancy, request) => {
          asked += 1;
          return asked % 10 === 0 ? undefined : policy(layout, occupancy, request);
        },
      };
    },
  },
  {
    name: 'one-segment-short',
    about: 'seats are chosen for the journey without its last segment',
    within: 20,
    seam: () => ({
      policy: (policy) => (layout, occupancy, request) =>
        policy(layout, occupancy, { ...request, to: Math.max(request.from + 1, request.to - 1) }),
    }),
  },
  {
    name: 'quota-forgotten',
    about: 'the second quota of a train is not looked at',
    within: 100,
    seam: () => ({ quotas: (quotas) => quotas.slice(0, 1) }),
  },
  {
    name: 'key-lost-at-restart',
    about: 'idempotency keys are remembered by the process and not by the log',
    within: 100,
    seam: () => ({ idempotencyKey: (key, { life }) => `${key}/${life.name}` }),
  },
  {
    name: 'no-commit-record',
    about: 'seats are held and the order is told so, but the book never hears of it',
    within: 20,
    seam: () => ({ store: (store) => withoutEvents(store, ({ type }) => type === 'SeatLocksAcquired') }),
  },
  {
    name: 'void-holds-kept',
    about: 'a new owner leaves the holds of the old one that were never committed',
    within: 200,
    seam: () => ({
      store: (store) =>
        withoutEvents(store, ({ type, meta }) => type === 'SeatsReleased' && meta.commandId.startsWith('release-')),
    }),
  },
  {
    name: 'cancelled-run-served',
    about: 'an order on a cancelled run is not closed',
    within: 50,
    seam: () => ({
      store: (store) =>
        withoutEvents(store, ({ type, meta }) => type === 'OrderClosed' && meta.commandId.includes('/cancelRun')),
    }),
  },
  {
    name: 'stock-shown-wrong',
    about: 'the stock on display misses what is given back on the first segment',
    within: 20,
    seam: () => ({
      projection: (model) =>
        changedProjection(model, {
          load: (log) => model.load(log),
          apply: (batch) =>
            model.apply(
              model.name !== 'availability'
                ? batch
                : {
                    ...batch,
                    events: batch.events.filter(
                      ({ type, stream }) => type !== 'SeatsReleased' || !/_0_[a-z]+$/i.test(stream),
                    ),
                  },
            ),
        }),
    }),
  },
];
