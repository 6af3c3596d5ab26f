// A run as operators saw it, with the seats of its classes from its first stop to its last.
import { classesOf, withdrawalsIn } from '@railhead/commands/inventory/lock-books.ts';
import { type RunForOperators, runForOperators } from '@railhead/commands/inventory/run-for-operators.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import { accept, refuse } from '@railhead/domain/kernel/decision.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { type RunId, runCategory } from '@railhead/domain/train-run/stream.ts';
import type { StockCount } from '../availability/shown-stock.ts';
import { eventsOfRun } from '../availability/stock-in-log.ts';
import { type Leaves, leavesOf } from './leaves.ts';
import type { PastFold, PastKind } from './past-kind.ts';
import { RunFold } from './run-fold.ts';

export type ClassStock = { readonly seatClass: SeatClass } & StockCount;
export type ShownRun = RunForOperators & { readonly stock: readonly ClassStock[] };

/** Events of a lock book that change what is withdrawn; all others are about locks of travellers. */
const OF_WITHDRAWALS: readonly string[] = ['SeatsWithdrawn', 'SeatsReturned'];

class PastRunFold implements PastFold<ShownRun> {
  readonly #fold: RunFold;

  constructor(id: RunId) {
    this.#fold = new RunFold(id);
  }

  get setAside(): StreamsSetAside {
    return this.#fold.setAside;
  }

  add(event: RecordedEvent): void {
    this.#fold.add(event);
  }

  get shown(): ShownRun | undefined {
    const { run } = this.#fold;
    return run === undefined ? undefined : { ...this.#forOperators(run), stock: this.#stockOf(run, classesOf(run)) };
  }

  leaves(event: RecordedEvent): Leaves {
    const { run } = this.#fold;
    const ofClass = this.#fold.classOf(event);
    if (run === undefined || ofClass === undefined) return leavesOf(this.shown);
    const stock = this.#stockOf(
      run,
      classesOf(run).filter((seatClass) => seatClass === ofClass),
    );
    return leavesOf(OF_WITHDRAWALS.includes(event.type) ? { ...this.#forOperators(run), stock } : { stock });
  }

  #forOperators(run: OpenedRun): RunForOperators {
    const withdrawals = classesOf(run).flatMap((seatClass) => withdrawalsIn(this.#fold.book(seatClass), seatClass));
    return runForOperators(run, withdrawals, ({ composition }, seatClass) => seatsOfClass(composition, seatClass));
  }

  #stockOf({ stops }: OpenedRun, classes: readonly SeatClass[]): readonly ClassStock[] {
    const wholeWay = { from: 0, to: stops.length - 1 };
    return classes.map((seatClass) => ({ seatClass, ...this.#fold.count(seatClass, wholeWay) }));
  }
}

export const pastRun: PastKind<RunId, ShownRun, 'TRAIN_NOT_FOUND'> = {
  read: async (log, id, upTo) => ({ events: await eventsOfRun(log, id, upTo), fold: new PastRunFold(id) }),
  beginning: async (log, id) => {
    const [first] = await log.readStream(runCategory.stream(id), { limit: 1 });
    return first === undefined ? refuse('TRAIN_NOT_FOUND', `${id.train} is not on sale for ${id.date}`) : accept(first);
  },
};
