// What planted bugs do to the events and appends that pass through them.
import type { EventStore, StreamAppend } from '@railhead/commands/ports/event-store.ts';
import { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import type { OrderRefundRequested, OrderSeatsHeld } from '@railhead/domain/order/events.ts';
import type { SeatHold, SeatsHeld, SeatsReleased } from '@railhead/domain/segment-inventory/events.ts';
import type { TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { changedAppends } from './appends.ts';

export const allLeftWithTheFirst = (data: unknown): unknown => {
  const run = data as TrainRunOpened['data']; // of a TrainRunOpened
  const departs = run.stops[0]?.departs ?? null;
  return { ...run, stops: run.stops.map((stop) => ({ ...stop, departs })) };
};

/** Every train leaves all its stops when it leaves the first. */
export class FirstDepartures extends RunDirectory {
  readonly #runs: RunDirectory;

  constructor(runs: RunDirectory, store: EventStore) {
    super(store);
    this.#runs = runs;
  }

  override async find(train: string, date: string): Promise<OpenedRun | undefined> {
    const run = await this.#runs.find(train, date);
    const departs = run?.stops[0]?.departs ?? null;
    return run === undefined ? undefined : { ...run, stops: run.stops.map((stop) => ({ ...stop, departs })) };
  }
}

export const payableForAnHour = (data: unknown): unknown => {
  const held = data as OrderSeatsHeld['data']; // of an OrderSeatsHeld
  return { ...held, payBefore: new Date(Date.parse(held.payBefore) + 3_600_000).toISOString() };
};

/** A refund keeps nothing back. */
export const withoutFees = (append: StreamAppend): StreamAppend => ({
  ...append,
  events: append.events.map((event) => {
    if (event.type !== 'OrderRefundRequested') return event;
    const refund = event.data as OrderRefundRequested['data']; // of this type
    const items = refund.items.map((item) => ({ ...item, feeFen: 0, refundFen: item.fareFen }));
    return { ...event, data: { ...refund, items, feeFen: 0, refundFen: refund.feeFen + refund.refundFen } };
  }),
});

/** Of two batches in flight, the second is written whatever happens to the first. */
export const unfencedBehindAnother = (store: EventStore): EventStore => {
  let inTheAir = 0;
  return {
    ...changedAppends(store, (appends) => appends),
    append: async (appends, options) => {
      if (options?.atomic !== true) return store.append(appends, options);
      const sent = inTheAir > 0 ? appends.map((append) => ({ ...append, expected: 'any' as const })) : appends;
      inTheAir += 1;
      try {
        return await store.append(sent, options);
      } finally {
        inTheAir -= 1;
      }
    },
  };
};

/** Appends to streams of this category without the revision that was demanded. */
export const unfenced =
  (category: string): Parameters<typeof changedAppends>[1] =>
  (appends) =>
    appends.map((append) =>
      append.stream.startsWith(`${category}-`) ? { ...append, expected: 'any' as const } : append,
    );

/** Of several holds in one event the last is left out. */
export const withoutLastHold = <Event extends { readonly type: string; readonly data: unknown }>(
  event: Event,
): Event => {
  if (event.type !== 'SeatsHeld') return event;
  const { holds } = event.data as SeatsHeld['data']; // of this type
  return holds.length === 1 ? event : { ...event, data: { holds: holds.slice(0, -1) } };
};

/** With a lock's seats on a segment those of the lock go back that was held by the same event. */
export const releasingNeighbours = (): Parameters<typeof changedAppends>[1] => {
  const neighbours = new Map<string, SeatHold>();
  return (appends) =>
    appends.map(({ stream, ...append }) => ({
      ...append,
      stream,
      events: append.events.map((event) => {
        if (event.type === 'SeatsHeld') {
          const { holds } = event.data as SeatsHeld['data']; // of this type
          for (const [index, hold] of holds.entries()) {
            const next = holds[index + 1];
            if (next !== undefined) neighbours.set(`${stream}/${hold.lockId}`, next);
          }
        }
        if (event.type !== 'SeatsReleased') return event;
        const { releases } = event.data as SeatsReleased['data']; // of this type
        const more = releases.flatMap(({ lockId }) => neighbours.get(`${stream}/${lockId}`) ?? []);
        const others = more.filter(({ lockId }) => !releases.some((one) => one.lockId === lockId));
        return { ...event, data: { releases: [...releases, ...others] } };
      }),
    }));
};
