// How far a model's rows go in the log, and the streams that it has set aside. Rows that this log does not bear out, or
// that lack what this version understands, are dropped.
import { bearsOut, type Position, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { type StreamsSetAside, strangenessIn } from '@railhead/commands/streams/understood.ts';
import type { AnyCategory } from '@railhead/domain/kernel/category.ts';
import { sql, type Transaction } from 'kysely';
import { fittedTo } from './fitting.ts';
import { notThisVersion } from './model-lease.ts';
import { forgetParts } from './part-places.ts';
import type { PositionProof } from './projection.ts';
import { type EngineTables, type ReadDatabase, SET_ASIDE_TABLE } from './read-database.ts';
import type { Stranger } from './sorted-batch.ts';
import { upsert } from './upsert.ts';

const fitted = fittedTo(SET_ASIDE_TABLE);
/** That every database has room for. */
const LARGEST_INTEGER = 2 ** 31 - 1;

export type Place = Pick<EngineTables['model_places'], 'position' | 'fingerprint'>;
export const NOWHERE: Place = { position: 0, fingerprint: '' };

/** From where a place moves. In a database that only this process writes, it need not say. */
export type Moving = { readonly from: Position; readonly epoch: number };

/** The stored place is not the one that this process left: it has to be loaded again. Nothing was written. */
export class PlaceMoved extends Error {
  constructor(model: string) {
    super(`another has moved the place of read model ${model}`);
  }
}

/** The model as the engine's tables know it. */
export type PlacedModel = {
  readonly name: string;
  readonly version: number;
  readonly categories: readonly AnyCategory[];
  /** Names of its tables, all of which are emptied when its rows are dropped. */
  readonly tables: readonly string[];
  /** One of several parts. Rows of the others stand in the same tables, so it never drops any. */
  readonly isPart?: boolean;
};

/** A part cannot begin again alone: all of them do. */
export class PartOutdated extends Error {}

export class ModelPlace {
  readonly #database: ReadDatabase;
  readonly #model: PlacedModel;
  readonly #strangenessOf: ReturnType<typeof strangenessIn>;
  readonly #setAside = new Map<string, string>();
  #log: PositionProof | undefined;
  /** The tables that were loaded; others may have been made in their place. */
  #renewals: number | undefined;

  constructor(database: ReadDatabase, model: PlacedModel) {
    this.#database = database;
    this.#model = model;
    this.#strangenessOf = strangenessIn(model.categories);
  }

  get setAside(): StreamsSetAside {
    return this.#setAside;
  }

  /** Where the rows are; 0 if there are none, or if they were dropped. */
  async load(log: PositionProof, epoch?: number): Promise<Position> {
    this.#log = log;
    this.#renewals = this.#database.repair?.renewals;
    const { name, version } = this.#model;
    const { db } = this.#database;
    const place = await db
      .selectFrom('model_places')
      .select(['position', 'fingerprint'])
      .where('model', '=', name)
      .where('version', '=', version)
      .executeTakeFirst();
    if (place === undefined) throw notThisVersion(name, version);
    const strangers = await db.selectFrom('read_set_aside').selectAll().where('model', '=', name).execute();
    this.#setAside.clear();
    // What was strange to an older version and is not to this one belongs into the rows, at its place.
    const isWhole = strangers.every((event) => this.#strangenessOf(event) !== undefined);
    if (!isWhole || !(await bearsOut(log, place))) {
      await this.drop(place.position, epoch);
      log.dropped(place.position);
      return 0;
    }
    for (const event of strangers) this.#setAside.set(event.stream, this.#strangenessOf(event) ?? '');
    return place.position;
  }

  /** Drops the rows. */
  async drop(position: Position, epoch?: number): Promise<void> {
    const { name, tables, isPart = false } = this.#model;
    if (isPart) throw new PartOutdated(`${name} has to begin again with all others`);
    await this.#database.db.transaction().execute(async (trx) => {
      await this.store(trx, NOWHERE, epoch === undefined ? undefined : { from: position, epoch });
      await trx.deleteFrom('read_set_aside').where('model', '=', name).execute();
      await forgetParts(trx, name);
      for (const table of tables) await sql`delete from ${sql.table(table)}`.execute(trx);
    });
    this.#setAside.clear();
  }

  /** The tables are empty since they were loaded: what is written next would leave out what was there. */
  get isRenewed(): boolean {
    return this.#renewals !== this.#database.repair?.renewals;
  }

  /**
   * Throws, so that the rows are not written either, if another version of the model has taken over, or if the tables
   * were made anew, or, with `moving`, if the place is not where it was. The first statement of a transaction: whoever
   * moves the same place waits at it.
   */
  async store(trx: Transaction<EngineTables>, place: Place, moving?: Moving): Promise<void> {
    if (this.isRenewed) throw new Error(`the tables of read model ${this.#model.name} were made anew`);
    const { name, version } = this.#model;
    let row = trx.updateTable('model_places').set(place).where('model', '=', name).where('version', '=', version);
    if (moving !== undefined) row = row.where('position', '=', moving.from).where('epoch', '=', moving.epoch);
    const moved = await row.executeTakeFirst();
    if (moved.numUpdatedRows > 0n) return;
    const stored = await trx.selectFrom('model_places').select('version').where('model', '=', name).executeTakeFirst();
    throw stored?.version === version ? new PlaceMoved(name) : notThisVersion(name, version);
  }

  /** Moves the place without rows, and shows that the owner lives. False: somebody else owns it, or has moved it. */
  async beat(place: Place, { from, epoch }: Moving): Promise<boolean> {
    const { name, version } = this.#model;
    const moved = await this.#database.db
      .updateTable('model_places')
      .set((eb) => ({ ...place, beat: eb('beat', '+', 1) }))
      .where('model', '=', name)
      .where('version', '=', version)
      .where('position', '=', from)
      .where('epoch', '=', epoch)
      .executeTakeFirst();
    return moved.numUpdatedRows > 0n;
  }

  /** `skipped`: the event's stream is set aside. */
  kindOf(event: RecordedEvent): 'understood' | 'strange' | 'skipped' {
    if (this.#setAside.has(event.stream)) return 'skipped';
    return this.#strangenessOf(event) === undefined ? 'understood' : 'strange';
  }

  async storeStrangers(trx: Transaction<EngineTables>, strangers: readonly Stranger[]): Promise<void> {
    const { name } = this.#model;
    await upsert(
      { trx, dialect: this.#database.dialect, table: 'read_set_aside', key: SET_ASIDE_TABLE.key },
      strangers
        .map(({ stream, type, version, position }) => ({ model: name, stream, type, version, position }))
        // A version that has no room is newer than any that is understood, and so is the largest that has.
        .map((row) => fitted({ ...row, version: Math.min(row.version, LARGEST_INTEGER) })),
    );
  }

  /** From now on nothing more is taken of the stream of a strange event. */
  setStreamAside(stranger: RecordedEvent): void {
    const why = this.#strangenessOf(stranger) ?? '';
    this.#setAside.set(stranger.stream, why);
    this.#log?.setAside(stranger.stream, why);
  }

  async placeAt(position: Position): Promise<Place> {
    return { position, fingerprint: (await this.#log?.fingerprintAt(position)) ?? '' };
  }
}
