// A class of a run: its free, held and sold seats as searches showed them, and who has which.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { occupies, partyOf, type SeatLock } from '@railhead/domain/seat-lock/fold.ts';
import { withoutGone } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { type Seat, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { type Journey, journeyBetween } from '@railhead/domain/train-run/journey.ts';
import { type ClassId, runCategory } from '@railhead/domain/train-run/stream.ts';
import type { StockCount } from '../availability/shown-stock.ts';
import { eventsOfRun } from '../availability/stock-in-log.ts';
import { type Leaves, leavesOf } from './leaves.ts';
import type { PastFold, PastKind } from './past-kind.ts';
import type { PastLog } from './past-log.ts';
import { RunFold } from './run-fold.ts';

type Place = { readonly code: string; readonly name: string };
export type JourneyStock = { readonly from: Place; readonly to: Place } & StockCount;

/** `orderNo`: or the number of a withdrawal. */
export type ShownLock = {
  readonly lockId: string;
  readonly orderNo: string;
  readonly status: 'held' | 'sold' | 'withdrawn';
  readonly travellers: number;
  /** Codes of stations. Without seats where they are assigned late, or travellers stand. */
  readonly legs: readonly { readonly from: string; readonly to: string; readonly seats: readonly NamedSeat[] }[];
};
type NamedSeat = { readonly coach: string; readonly seat: string };

export type ShownClass = {
  readonly train: string;
  readonly date: string;
  readonly seatClass: SeatClass;
  readonly status: 'open' | 'cancelled';
  /** Is nothing more sold of it? */
  readonly closed: boolean;
  readonly journeys: readonly JourneyStock[];
  /** In the order of their beginning. */
  readonly locks: readonly ShownLock[];
};

/** Codes of stations; undefined: each segment. */
export type AskedJourney = { readonly from: string; readonly to: string } | undefined;
export type AskedClass = ClassId & { readonly journey?: AskedJourney };

class PastClassFold implements PastFold<ShownClass> {
  readonly #id: AskedClass;
  readonly #fold: RunFold;

  constructor(id: AskedClass) {
    this.#id = id;
    this.#fold = new RunFold(id);
  }

  get setAside(): StreamsSetAside {
    return this.#fold.setAside;
  }

  add(event: RecordedEvent): void {
    this.#fold.add(event);
  }

  get shown(): ShownClass | undefined {
    return this.#show(this.#fold.book(this.#id.seatClass).locks);
  }

  leaves(event: RecordedEvent): Leaves {
    const { locks } = this.#fold.book(this.#id.seatClass);
    if (!lockBookCategory.owns(event)) return leavesOf(this.#show(new Map()));
    const named = lockIdsIn(event.data).flatMap((lockId) => {
      const lock = locks.get(lockId);
      return lock === undefined ? [] : [[lockId, lock] as const];
    });
    return leavesOf(this.#show(new Map(named)));
  }

  #show(locks: ReadonlyMap<string, SeatLock>): ShownClass | undefined {
    const { train, date, seatClass } = this.#id;
    const { run } = this.#fold;
    if (run === undefined || this.#fold.sizeOf(seatClass) === 0) return undefined;
    const closed = this.#fold.isClosed(seatClass);
    const seats = seatsOfClass(run.composition, seatClass);
    const isCounted = seatClass === 'standing' || run.lateAssignment?.includes(seatClass) === true;
    return {
      train,
      date,
      seatClass,
      status: run.status,
      closed,
      journeys: this.#journeys(run).map((journey) => ({
        from: placeOf(run, journey.from),
        to: placeOf(run, journey.to),
        ...this.#fold.count(seatClass, journey),
      })),
      locks: [...locks].flatMap(([lockId, lock]) => shownLock(run, { seats, isCounted }, lockId, lock)),
    };
  }

  #journeys(run: OpenedRun): readonly Journey[] {
    const { journey } = this.#id;
    if (journey === undefined) return run.stops.slice(1).map((_, from) => ({ from, to: from + 1 }));
    const found = journeyBetween(run, journey.from, journey.to);
    return found.ok ? [found.value] : [];
  }
}

/** The locks that an event of a book is about. */
const lockIdsIn = (data: object): readonly string[] => {
  const { lockId, locks, seats } = data as {
    // Safe cast: every event of a book that is about locks names them in one of these members.
    readonly lockId?: string;
    readonly locks?: readonly { readonly lockId: string }[];
    readonly seats?: readonly { readonly lockId?: string }[];
  };
  if (lockId !== undefined) return [lockId];
  return [...(locks ?? []), ...(seats ?? [])].flatMap((one) => (one.lockId === undefined ? [] : [one.lockId]));
};

const placeOf = ({ stops }: OpenedRun, stop: number): Place => ({
  code: stops[stop]?.code ?? '',
  name: stops[stop]?.name ?? '',
});

const shownLock = (
  run: OpenedRun,
  { seats, isCounted }: { readonly seats: readonly Seat[]; readonly isCounted: boolean },
  lockId: string,
  lock: SeatLock,
): readonly ShownLock[] => {
  const { plan, assigned, gone = [], status } = lock;
  if (plan === undefined || !occupies(lock)) return [];
  const named = isCounted && assigned === undefined ? [] : seats;
  return [
    {
      lockId,
      orderNo: plan.orderNo,
      status: status === 'withdrawn' ? 'withdrawn' : status === 'confirmed' ? 'sold' : 'held',
      travellers: partyOf(lock) - gone.length,
      legs: withoutGone(assigned ?? plan.legs, gone).map((leg) => ({
        from: placeOf(run, leg.from).code,
        to: placeOf(run, leg.to).code,
        seats: leg.seats.flatMap((index) => {
          const seat = named[index];
          return seat === undefined ? [] : [{ coach: seat.coach, seat: seat.seat }];
        }),
      })),
    },
  ];
};

/** Does the train go that way? What there is not is told by whoever looks for the class. */
export const checkJourney = async (
  log: PastLog,
  { train, date, journey }: AskedClass,
): Promise<Result<undefined, 'STATION_NOT_ON_ROUTE' | 'JOURNEY_BACKWARDS'>> => {
  if (journey === undefined) return accept(undefined);
  const [first] = await log.readStream(runCategory.stream({ train, date }), { limit: 1 });
  if (first === undefined || !runCategory.owns(first) || first.type !== 'TrainRunOpened') return accept(undefined);
  const found = journeyBetween(first.data, journey.from, journey.to);
  return found.ok ? accept(undefined) : found;
};

type ClassCode = 'TRAIN_NOT_FOUND' | 'CLASS_NOT_ON_TRAIN';

export const pastClass: PastKind<AskedClass, ShownClass, ClassCode> = {
  read: async (log, id, upTo) => ({
    events: await eventsOfRun(log, id, upTo, [id.seatClass]),
    fold: new PastClassFold(id),
  }),
  beginning: async (log, { train, date, seatClass }, { position }) => {
    const [first] = await log.readStream(runCategory.stream({ train, date }), { limit: 1 });
    if (first === undefined) return refuse('TRAIN_NOT_FOUND', `${train} is not on sale for ${date}`);
    return first.position > position
      ? accept(first)
      : refuse('CLASS_NOT_ON_TRAIN', `at position ${position}, ${train} of ${date} had no ${seatClass}`);
  },
};
