// Which replica answers a request about one model. An answer counts if the rows were there, from before it was asked until
// after, at the position that the request needs: else the primary is asked, which waits for it.
import { type Clock, LATE, within } from '@railhead/commands/ports/clock.ts';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { ANSWER_MS, NEWS_MS } from './limits.ts';
import type { PlaceHistory } from './place-history.ts';
import type { ReplicaPlace, ShownPlace } from './replica-place.ts';

export type ModelOnReplica<Queries> = { readonly place: ReplicaPlace; readonly queries: Queries };

/** The name under which reads of the primary are counted. */
export const PRIMARY = 'primary';

export class ModelReplicas<Queries> {
  readonly #all: readonly ModelOnReplica<Queries>[];
  readonly #primary: PlaceHistory;
  readonly #maxLagMs: number;
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #reads = new Map<string, number>();
  #turn = 0;

  constructor(
    all: readonly ModelOnReplica<Queries>[],
    primary: PlaceHistory,
    maxLagMs: number,
    clock: Pick<Clock, 'now' | 'after'>,
  ) {
    this.#all = all;
    this.#primary = primary;
    this.#maxLagMs = maxLagMs;
    this.#clock = clock;
  }

  /** How many requests each has answered. */
  get reads(): ReadonlyMap<string, number> {
    return this.#reads;
  }

  /**
   * The answer of a replica: of one that has the position, or, where none is named, of one that is hardly behind.
   * Undefined: the primary is to be asked. `ask` may run although its answer is not used.
   */
  async answer<Answer>(
    position: Position | undefined,
    ask: (queries: Queries) => Promise<Answer>,
  ): Promise<{ readonly answer: Answer } | undefined> {
    let asked: ModelOnReplica<Queries> | undefined;
    let isLate = false;
    const attempt = async (): Promise<{ readonly answer: Answer } | undefined> => {
      asked = await this.#choose(position);
      const answered = asked === undefined ? undefined : await this.#ask(asked, position, ask);
      // An answer for which nobody has waited does not speak for the replica.
      if (answered !== undefined && !isLate) asked?.place.answered();
      return answered;
    };
    const given = await within(this.#clock, ANSWER_MS, attempt());
    if (given === LATE) {
      isLate = true;
      asked?.place.replica.failed(new Error('it has not answered a question in time'));
    }
    const answered = given === LATE ? undefined : given;
    const from = answered === undefined ? PRIMARY : (asked?.place.replica.name ?? PRIMARY);
    this.#reads.set(from, (this.#reads.get(from) ?? 0) + 1);
    return answered;
  }

  isBehind({ position }: ShownPlace): boolean {
    return this.lagMs(position) > this.#maxLagMs;
  }

  /** Infinity: it is not known. */
  lagMs(position: Position): number {
    return this.#primary.behindMs(position, this.#clock.now());
  }

  /** By turns, those that are known to fit before those that have to be looked at first. */
  async #choose(position: Position | undefined): Promise<ModelOnReplica<Queries> | undefined> {
    const first = this.#turn % this.#all.length;
    this.#turn += 1;
    const inTurn = [...this.#all.slice(first), ...this.#all.slice(0, first)].filter(
      ({ place }) => place.replica.hasRoom,
    );
    const known = inTurn.find(({ place }) => this.#fits(place.shown, position));
    // Nobody waits for one that was not right when it was last looked at.
    const waitedFor = known === undefined ? inTurn.filter(({ place }) => place.leftOut === undefined) : [];
    for (const each of inTurn) if (!waitedFor.includes(each)) void each.place.freshen();
    if (known !== undefined) return known;
    const looks = waitedFor.map(async (each) => {
      if (!this.#fits(await each.place.look(), position)) throw NOT_FIT;
      return each;
    });
    const fitting = Promise.any(looks).catch(() => undefined);
    if (position === undefined || waitedFor.some(({ place }) => place.shown === undefined)) return fitting;
    const news = await within(this.#clock, NEWS_MS, fitting);
    return news === LATE ? undefined : news;
  }

  #fits(shown: ShownPlace | undefined, position: Position | undefined): boolean {
    if (shown === undefined) return false;
    return position === undefined ? !this.isBehind(shown) : shown.position >= position;
  }

  async #ask<Answer>(
    { place, queries }: ModelOnReplica<Queries>,
    position: Position | undefined,
    ask: (queries: Queries) => Promise<Answer>,
  ): Promise<{ readonly answer: Answer } | undefined> {
    const before = place.shown;
    if (before === undefined || !place.replica.hasRoom || !this.#fits(before, position)) return undefined;
    try {
      const answer = await place.replica.ask(() => ask(queries));
      const after = await place.lookAnew();
      if (after === undefined || !isSameRows(before, after)) return undefined;
      return { answer };
    } catch (error) {
      if (place.replica.database.dialect.isPassing(error)) place.replica.failed(error);
      else place.failed(error);
      return undefined;
    }
  }
}

const NOT_FIT = new Error('the replica is not so far');

/** Were the rows neither built again nor exchanged in between? */
const isSameRows = (before: ShownPlace, after: ShownPlace): boolean =>
  after.owner === before.owner && after.epoch === before.epoch && after.position >= before.position;
