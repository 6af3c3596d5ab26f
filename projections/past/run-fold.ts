// Folds a run and classes of it, with the free seats of each as searches show them.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { type LockBook, unopenedBook } from '@railhead/domain/seat-lock/fold.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { classSizes } from '@railhead/domain/train-run/composition.ts';
import { absentRun, type OpenedRun, type TrainRun } from '@railhead/domain/train-run/fold.ts';
import type { Journey } from '@railhead/domain/train-run/journey.ts';
import { className, type RunId, runCategory, runName } from '@railhead/domain/train-run/stream.ts';
import { ShownClass, type StockCount } from '../availability/shown-stock.ts';
import { namesIn } from '../availability/stock-fold.ts';
import { LogFold } from '../availability/stock-in-log.ts';

export class RunFold {
  readonly #id: RunId;
  readonly #stock = new LogFold();
  readonly #books = new Map<string, LockBook>();
  #run: TrainRun = absentRun;

  constructor(id: RunId) {
    this.#id = id;
  }

  /** Undefined before it was put on sale. */
  get run(): OpenedRun | undefined {
    return this.#run.status === 'absent' ? undefined : this.#run;
  }

  get setAside(): StreamsSetAside {
    return this.#stock.setAside;
  }

  add(event: RecordedEvent): void {
    if (!this.#stock.add(event)) return;
    if (runCategory.owns(event)) this.#run = runCategory.evolve(this.#run, event);
    else if (lockBookCategory.owns(event)) {
      const { seatClass } = lockBookCategory.idOf(event.stream);
      this.#books.set(seatClass, lockBookCategory.evolve(this.book(seatClass), event));
    }
  }

  book(seatClass: SeatClass): LockBook {
    return this.#books.get(seatClass) ?? unopenedBook();
  }

  /** Is nothing more sold of the class? */
  isClosed(seatClass: SeatClass): boolean {
    return this.#stock.fold.classes.get(className({ ...this.#id, seatClass }))?.isClosed === true;
  }

  count(seatClass: SeatClass, { from, to }: Journey): StockCount {
    const id = { ...this.#id, seatClass };
    const { runs, classes } = this.#stock.fold;
    const shown = new ShownClass(id, runs.get(runName(id)), classes.get(className(id)));
    return shown.count(this.sizeOf(seatClass), from, to);
  }

  /** Seats of the class, by the coaches that the run has had. */
  sizeOf(seatClass: SeatClass): number {
    return classSizes(this.run?.composition ?? []).find((size) => size.seatClass === seatClass)?.seats ?? 0;
  }

  /** The class that an event is about; undefined: the whole run. */
  classOf({ stream }: RecordedEvent): string | undefined {
    const { ofClass } = namesIn(stream);
    return ofClass?.slice(ofClass.lastIndexOf('_') + 1);
  }
}
