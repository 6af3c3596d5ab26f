// Builds the beginning of a model in several parts at once: each takes the events of the keys that are its own, writes
// their rows, and keeps its place with them. When all have come to one position, the model goes on from there as one.
//
// Why it is exact: rows of two keys have nothing in common, which the model declares. A part's place moves in the
// transaction of its rows, so after a crash each part goes on from its own. Each new owner of the model takes the parts
// over first, and whoever owned it before writes nothing more.
import { bearsOut, type Position } from '@railhead/commands/ports/event-store.ts';
import { NOBODY } from './model-lease.ts';
import { type ModelPlace, NOWHERE } from './model-place.ts';
import { type PartPlace, partNames, partPlaces, takeParts } from './part-places.ts';
import type { PositionProof } from './projection.ts';
import { MODEL_PLACES_TABLE, type ReadDatabase } from './read-database.ts';
import { upsert } from './upsert.ts';

/** What becomes of parts that were started. */
export type PartsEnd =
  /** Each of them has everything up to here. */
  | { readonly kind: 'whole'; readonly position: Position }
  /** They were told to end. */
  | { readonly kind: 'ended' }
  /** Somebody has decided about an event that some of them have taken. */
  | { readonly kind: 'outdated' }
  /** A part cannot go on by itself. */
  | { readonly kind: 'stuck'; readonly why: string };

export type PartsBuilder = {
  readonly count: number;
  /** Lets all parts take what the log has now. Rejects if they cannot be fed at the moment. */
  run(asked: {
    readonly epoch: number;
    readonly ending: AbortSignal;
    readonly reached: (position: Position, events: number, failure?: string) => void;
  }): Promise<PartsEnd>;
  /** They are given up; the model is built as one. */
  stuck(why: string): void;
};

const areOf = async (log: PositionProof, places: readonly PartPlace[]): Promise<boolean> => {
  for (const place of places) if (!(await bearsOut(log, place))) return false;
  return true;
};

type Placed = { readonly name: string; readonly version: number };

export class PartsOfModel {
  readonly #database: ReadDatabase;
  readonly #place: ModelPlace;
  readonly #model: Placed;
  readonly #builder: PartsBuilder | undefined;
  /** What one part cannot take is taken by one after the other, which says what is wrong with it. */
  #isStuck = false;

  constructor(database: ReadDatabase, place: ModelPlace, model: Placed, builder: PartsBuilder | undefined) {
    this.#database = database;
    this.#place = place;
    this.#model = model;
    this.#builder = builder;
  }

  /** The position that all parts have come to; 0 where none are built. */
  async build(log: PositionProof, epoch: number): Promise<Position> {
    const builder = this.#builder;
    if (builder === undefined || this.#isStuck) {
      await this.#dropIfBegun(epoch);
      return 0;
    }
    const ending = log.ending ?? new AbortController().signal;
    while (!ending.aborted) {
      await this.#begin(log, builder.count, epoch);
      const end = await builder.run({ epoch, ending, reached: (...told) => log.reached?.(...told) });
      if (end.kind === 'whole') return this.#becomeOne(log, builder.count, { position: end.position, epoch });
      if (end.kind === 'ended') return 0;
      await this.#place.drop(0, this.#epochOf(epoch));
      if (end.kind === 'outdated') continue;
      this.#isStuck = true;
      builder.stuck(end.why);
      return 0;
    }
    return 0;
  }

  #epochOf(epoch: number): number | undefined {
    return this.#database.shared === undefined ? undefined : epoch;
  }

  /** Parts of a replay that is now built as one, or in another number of them. */
  async #dropIfBegun(epoch: number): Promise<void> {
    const begun = await partPlaces(this.#database.db, this.#model.name);
    if (begun.length > 0) await this.#place.drop(0, this.#epochOf(epoch));
  }

  /** Takes the parts over that another has begun, or makes their places. */
  async #begin(log: PositionProof, count: number, epoch: number): Promise<void> {
    const { db, dialect } = this.#database;
    const { name, version } = this.#model;
    const names = partNames(name, count);
    const begun = await this.#takeOver(epoch);
    const areTheSame = begun.length === count && begun.every(({ model }) => names.includes(model));
    if (areTheSame && (await areOf(log, begun))) return;
    if (begun.length > 0) await this.#place.drop(0, this.#epochOf(epoch));
    await db.transaction().execute(async (trx) => {
      await this.#place.store(trx, NOWHERE, this.#moving(epoch));
      await upsert(
        { trx, dialect, table: 'model_places', key: MODEL_PLACES_TABLE.key },
        names.map((model) => ({ model, version, tables: dialect.toJson([]), ...NOWHERE, ...NOBODY, epoch })),
      );
    });
  }

  /** From here on nobody else moves them: where they are is read after that. */
  #takeOver(epoch: number): Promise<readonly PartPlace[]> {
    return this.#database.db.transaction().execute(async (trx) => {
      await this.#place.store(trx, NOWHERE, this.#moving(epoch));
      await takeParts(trx, this.#model.name, epoch);
      return partPlaces(trx, this.#model.name);
    });
  }

  #moving(epoch: number) {
    return this.#database.shared === undefined ? undefined : { from: 0, epoch };
  }

  /** The model has what all of its parts have, and nothing else is left of them. */
  async #becomeOne(
    log: PositionProof,
    count: number,
    { position, epoch }: { readonly position: Position; readonly epoch: number },
  ): Promise<Position> {
    const { db } = this.#database;
    const { name } = this.#model;
    const names = partNames(name, count);
    const there = await this.#place.placeAt(position);
    await db.transaction().execute(async (trx) => {
      await this.#place.store(trx, there, this.#moving(epoch));
      const places = await partPlaces(trx, name);
      if (places.length !== count || places.some((place) => place.position !== position))
        throw new Error(`the parts of ${name} are not at ${position}`);
      // A stream may have been strange to several parts.
      const strange = await trx.selectFrom('read_set_aside').selectAll().where('model', 'in', names).execute();
      await this.#place.storeStrangers(trx, strange);
      await trx.deleteFrom('read_set_aside').where('model', 'in', names).execute();
      await trx.deleteFrom('model_places').where('model', 'in', names).execute();
    });
    return this.#place.load(log, this.#epochOf(epoch));
  }
}
