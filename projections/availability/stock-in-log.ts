// What the log has of runs and classes, up to a position: folded from its events alone, whatever a model shows.
import type { EventStore, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { type StreamsSetAside, strangenessIn } from '@railhead/commands/streams/understood.ts';
import { SEAT_CLASSES, type SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { classSizes } from '@railhead/domain/train-run/composition.ts';
import { absentRun } from '@railhead/domain/train-run/fold.ts';
import { type RunId, runCategory } from '@railhead/domain/train-run/stream.ts';
import { readTo } from '../engine/read-to.ts';
import type { ClassState, RunState } from './class-state.ts';
import { CATEGORIES, StockFold } from './stock-fold.ts';

export type StockLog = Pick<EventStore, 'readAll' | 'readStream' | 'lastPosition'>;

/** Small, because folding shares the thread with the sale. */
const PAGE = 250;
/** Streams of one run that are asked for at once. */
const STREAMS_AT_ONCE = 16;

const isOfStock = (event: RecordedEvent): boolean => CATEGORIES.some((category) => category.holds(event));

/** Folds events as the models do: nothing is taken of a stream from a strange event on. */
export class LogFold {
  readonly fold = new StockFold(() => {});
  readonly #strangenessOf = strangenessIn(CATEGORIES);
  readonly #setAside = new Map<string, string>();

  /** Streams of which not everything is taken, and why. */
  get setAside(): StreamsSetAside {
    return this.#setAside;
  }

  /** Is it taken? */
  add(event: RecordedEvent): boolean {
    if (this.#setAside.has(event.stream)) return false;
    const strangeness = this.#strangenessOf(event);
    if (strangeness === undefined) {
      this.fold.apply(event);
      return true;
    }
    this.#setAside.set(event.stream, strangeness);
    this.fold.end(event.stream);
    return false;
  }
}

/** The whole log. It goes on to later positions, and never back. */
export class StockInLog {
  readonly #log: StockLog;
  /** Called before each page. */
  readonly #beforePage: () => Promise<void>;
  readonly #folded = new LogFold();
  /** Read, and later than what is folded. */
  #next: readonly RecordedEvent[] = [];
  #read: Position = 0;
  position: Position = 0;

  constructor(log: StockLog, beforePage: () => Promise<void>) {
    this.#log = log;
    this.#beforePage = beforePage;
  }

  get runs(): ReadonlyMap<string, RunState> {
    return this.#folded.fold.runs;
  }

  get classes(): ReadonlyMap<string, ClassState> {
    return this.#folded.fold.classes;
  }

  /** Folds everything up to this position, and nothing after it. */
  async foldTo(position: Position): Promise<void> {
    for (;;) {
      this.#foldRead(position);
      if (this.#read >= position) break;
      await this.#beforePage();
      // Of all categories: the embedded log looks for those of a few anew with each page.
      const page = await this.#log.readAll({ after: this.#read, limit: PAGE });
      this.#next = page.events.filter(isOfStock);
      if (page.position <= this.#read) break;
      this.#read = page.position;
    }
    this.position = Math.max(this.position, position);
  }

  #foldRead(position: Position): void {
    let folded = 0;
    for (const event of this.#next) {
      if (event.position > position) break;
      this.#folded.add(event);
      folded += 1;
    }
    if (folded > 0) this.#next = this.#next.slice(folded);
  }
}

/** One run and its classes as their own streams have them. `sizes`: the seats of its classes, by the coaches it has. */
export type RunInLog = {
  readonly runs: ReadonlyMap<string, RunState>;
  readonly classes: ReadonlyMap<string, ClassState>;
  readonly sizes: ReadonlyMap<SeatClass, number>;
};

export const runInLog = async (log: StockLog, id: RunId, upTo: Position): Promise<RunInLog> => {
  const folded = new LogFold();
  let run = absentRun;
  for (const event of await eventsOfRun(log, id, upTo)) {
    folded.add(event);
    if (runCategory.owns(event)) run = runCategory.evolve(run, event);
  }
  const sizes = run.status === 'absent' ? [] : classSizes(run.composition);
  return {
    runs: folded.fold.runs,
    classes: folded.fold.classes,
    sizes: new Map(sizes.map(({ seatClass, seats }) => [seatClass, seats])),
  };
};

/** The events of a run and of these classes of it, in the order of the log. */
export const eventsOfRun = async (
  log: Pick<StockLog, 'readStream'>,
  id: RunId,
  upTo: Position,
  classes: readonly SeatClass[] = SEAT_CLASSES,
): Promise<readonly RecordedEvent[]> => {
  const ofRun = await readTo(log, runCategory.stream(id), upTo);
  const run = ofRun.filter((event) => runCategory.owns(event)).reduce(runCategory.evolve, absentRun);
  const segments = run.status === 'absent' ? 0 : run.stops.length - 1;
  const streams = classes.flatMap((seatClass) => [
    lockBookCategory.stream({ ...id, seatClass }),
    ...Array.from({ length: segments }, (_, seq) => segmentCategory.stream({ ...id, seatClass, seq })),
  ]);
  const events = [...ofRun];
  for (let at = 0; at < streams.length; at += STREAMS_AT_ONCE) {
    const some = streams.slice(at, at + STREAMS_AT_ONCE).map((stream) => readTo(log, stream, upTo));
    for (const read of await Promise.all(some)) events.push(...read);
  }
  return events.sort((a, b) => a.position - b.position);
};
