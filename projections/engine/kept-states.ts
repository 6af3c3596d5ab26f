// Keeps the states of a model that lives in memory, so that a start reads the log from where they were kept and not from
// its beginning.
//
// Why it is as it is:
// - There may be tens of thousands of states, so they are written a slice at a time, between batches. Each has the
//   position of its own last event; events up to there are not applied to it again.
// - The model's place moves when all states that had changed are written. After a crash in between, some states are ahead
//   of the place. A marker says how far, with the fingerprint of the event there; if the log does not bear that out,
//   everything is dropped.
// - It is a saving of time and no more. A database that cannot be written delays it, and never the model.
import { bearsOut, EventStoreError, type Position, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { AnyCategory } from '@railhead/domain/kernel/category.ts';
import type { Transaction } from 'kysely';
import { ModelPlace, type Place } from './model-place.ts';
import { pagesOf } from './pages.ts';
import type { PositionProof } from './projection.ts';
import { type EngineTables, type Keeping, ofModel, type ReadDatabase, tablesIn, tablesOf } from './read-database.ts';
import type { ModelSchema } from './read-model.ts';
import type { StoredJson } from './sql-dialect.ts';
import { json, position, text } from './tables.ts';
import { upsert } from './upsert.ts';

/** A state as JSON, and the position of the last event in it. */
export type KeptState<State> = { readonly position: Position; readonly state: State };

const COLUMNS = { columns: { name: text(128), position, state: json }, key: ['name'] } as const;

export const keptSchema = (model: string, version: number): ModelSchema => ({
  version,
  tables: { [tableOf(model)]: COLUMNS },
});

/** Of a generation: `availability_g2_states`. */
const tableOf = (model: string): string => `${model.replace('@', '_')}_states`;

/** The name of no state: its row says how far the states go that are ahead of the model's place. */
const MARKER = '*';
const KEEPING: Keeping = { minEvents: 20_000, eventsPerState: 20, statesPerSlice: 200 };
const PAGE = 2_000;

type StatesTable = { name: string; position: Position; state: StoredJson<unknown> };

export class KeptStates<State> {
  readonly place: ModelPlace;
  readonly #database: ReadDatabase;
  readonly #table: string;
  readonly #stateOf: (name: string) => KeptState<State> | undefined;
  /** States that have changed since they were written. */
  readonly #changed = new Set<string>();
  /** States still to be written before the place moves to this position. */
  #saving: { readonly position: Position; readonly names: string[] } | undefined;
  #events = 0;
  #log: PositionProof | undefined;
  /** Set aside, and not written yet. */
  #strangers: RecordedEvent[] = [];

  constructor(
    database: ReadDatabase,
    model: { readonly name: string; readonly version: number; readonly categories: readonly AnyCategory[] },
    stateOf: (name: string) => KeptState<State> | undefined,
  ) {
    this.#database = ofModel(database, model.name);
    this.#table = tableOf(model.name);
    this.#stateOf = stateOf;
    this.place = new ModelPlace(database, { ...model, tables: [this.#table] });
  }

  /** The position to read on from, and the states to begin with; none of them if the log does not bear them out. */
  async load(
    log: PositionProof,
  ): Promise<{ readonly position: Position; readonly states: ReadonlyMap<string, KeptState<State>> }> {
    this.#log = log;
    this.#changed.clear();
    this.#saving = undefined;
    this.#strangers = [];
    this.#events = 0;
    const position = await this.place.load(log);
    const states = await this.#readIfSound();
    if (states === undefined) {
      await this.place.drop(position);
      log.damaged?.('a state cannot be read');
      return { position: 0, states: new Map() };
    }
    const ahead = states.get(MARKER);
    states.delete(MARKER);
    // Safe cast: this class wrote the marker.
    if (ahead === undefined || (await bearsOut(log, ahead.state as unknown as Place))) return { position, states };
    await this.place.drop(position);
    log.dropped(position);
    return { position: 0, states: new Map() };
  }

  /** Throws away what is kept, after `load`. */
  async drop(position: Position): Promise<void> {
    await this.place.drop(position);
    this.#begin(0);
    this.#saving = undefined;
    this.#strangers = [];
  }

  /** Undefined: somebody has changed a state so that it is none any more. */
  async #readIfSound(): Promise<Map<string, KeptState<State>> | undefined> {
    const { renewals } = this.#database.repair ?? {};
    try {
      return await this.#read();
    } catch (error) {
      // A damaged file is made anew as a whole.
      const cause = error instanceof EventStoreError ? error.cause : error;
      if (cause instanceof SyntaxError && renewals === this.#database.repair?.renewals) return undefined;
      throw error;
    }
  }

  async #read(): Promise<Map<string, KeptState<State>>> {
    const { db, dialect } = this.#database;
    const states = new Map<string, KeptState<State>>();
    for (let after = ''; ; ) {
      const rows = await this.#rows(db)
        .selectFrom(this.#table)
        .selectAll()
        .where('name', '>', after)
        .orderBy('name')
        .limit(PAGE)
        .execute();
      // Safe cast: the rows of this version of the model were made from states of this type.
      for (const { name, position, state } of rows)
        states.set(name, { position, state: dialect.fromJson(state) as State });
      const last = rows.at(-1);
      if (rows.length < PAGE || last === undefined) return states;
      after = last.name;
    }
  }

  #rows(db: ReadDatabase['db']) {
    return tablesOf<Record<string, StatesTable>>(db);
  }

  changed(name: string): void {
    this.#changed.add(name);
  }

  /** After a batch of so many events, up to `position`: writes a slice if it is time. */
  async keep(position: Position, events: number): Promise<void> {
    this.#events += events;
    const { minEvents, eventsPerState } = this.#database.keeping ?? KEEPING;
    const isTime = this.#events >= Math.max(minEvents, eventsPerState * this.#changed.size);
    if (this.#saving === undefined && this.#strangers.length === 0 && !isTime) return;
    await this.#saveSlice(position);
  }

  /** Writes everything that has changed. */
  async keepAll(position: Position): Promise<void> {
    while (this.#saving !== undefined) if (!(await this.#saveSlice(position))) return;
    if (this.#changed.size === 0 && this.#events === 0) return;
    do if (!(await this.#saveSlice(position))) return;
    while (this.#saving !== undefined);
  }

  /** Writes these states at once; those that are not there any more go. What cannot be written now comes with the others. */
  async keepNow(names: readonly string[], position: Position): Promise<void> {
    for (const name of names) this.#changed.add(name);
    // The next start reads the whole log once more.
    if (this.place.isRenewed) return;
    try {
      const [{ rows, gone }, marker] = [this.#rowsOf(names), await this.place.placeAt(position)];
      const written = { rows, gone, strangers: [], marker, place: undefined };
      await this.#database.db.transaction().execute((trx) => this.#write(trx, written));
    } catch (error) {
      this.#log?.notKept(error);
    }
  }

  /** False: nothing was written, and the log says why. */
  async #saveSlice(position: Position): Promise<boolean> {
    // The next start reads the whole log once more: what is kept here lacks the states that did not change since.
    if (this.place.isRenewed) return false;
    this.#saving ??= this.#begin(position);
    const saving = this.#saving;
    const names = saving.names.slice(-(this.#database.keeping ?? KEEPING).statesPerSlice);
    const isLast = names.length === saving.names.length;
    // Taken in one turn: none of them is ahead of `position`.
    const { rows, gone } = this.#rowsOf(names);
    const strangers = [...this.#strangers];
    try {
      const marker = await this.place.placeAt(position);
      const place = isLast ? await this.place.placeAt(saving.position) : undefined;
      await this.#database.db
        .transaction()
        .execute((trx) => this.#write(trx, { rows, gone, strangers, marker, place }));
    } catch (error) {
      for (const name of saving.names) this.#changed.add(name);
      this.#saving = undefined;
      this.#log?.notKept(error);
      return false;
    }
    this.#strangers.splice(0, strangers.length);
    saving.names.length -= names.length;
    if (isLast) this.#saving = undefined;
    return true;
  }

  #begin(position: Position): { readonly position: Position; readonly names: string[] } {
    const names = [...this.#changed];
    this.#changed.clear();
    this.#events = 0;
    return { position, names };
  }

  #rowsOf(names: readonly string[]): { readonly rows: readonly StatesTable[]; readonly gone: readonly string[] } {
    const [rows, gone]: [StatesTable[], string[]] = [[], []];
    for (const name of names) {
      const kept = this.#stateOf(name);
      if (kept === undefined) gone.push(name);
      else rows.push({ name, position: kept.position, state: this.#database.dialect.toJson(kept.state) });
    }
    return { rows, gone };
  }

  async #write(
    trx: Transaction<EngineTables>,
    {
      rows,
      gone,
      strangers,
      marker,
      place,
    }: {
      readonly rows: readonly StatesTable[];
      readonly gone: readonly string[];
      readonly strangers: readonly RecordedEvent[];
      readonly marker: Place;
      readonly place: Place | undefined;
    },
  ): Promise<void> {
    const { dialect } = this.#database;
    const marked = { name: MARKER, position: marker.position, state: dialect.toJson(marker) };
    await upsert({ trx, dialect, table: this.#table, key: COLUMNS.key }, [...rows, marked]);
    for (const page of pagesOf(gone, dialect.maxParameters))
      await tablesIn<Record<string, StatesTable>>(trx).deleteFrom(this.#table).where('name', 'in', page).execute();
    await this.place.storeStrangers(trx, strangers);
    if (place !== undefined) await this.place.store(trx, place);
  }

  /** From now on the model takes nothing more of the event's stream. */
  setAside(stranger: RecordedEvent): void {
    this.place.setStreamAside(stranger);
    this.#strangers.push(stranger);
  }
}
