// Compares a generation with the log, and with the generation that is read. The log is folded once more, by itself, into an
// empty database; each page of rows is compared at one position, which both sides include exactly. Nothing that is read
// waits for it.
import { createHash } from 'node:crypto';
import { type Clock, pause } from '@railhead/commands/ports/clock.ts';
import {
  type EventStore,
  EventStoreError,
  type Position,
  type RecordedEvent,
} from '@railhead/commands/ports/event-store.ts';
import { EventsLeftOut } from '../left-out.ts';
import { logWithout } from '../log-without.ts';
import type { OpenModel } from '../read-model.ts';
import type { ReadRows } from './comparable-rows.ts';
import type { OpenGeneration } from './model-generations.ts';

export type Difference = {
  readonly key: string;
  /** What it is otherwise than: the log, or the generation that is read. */
  readonly than: 'log' | 'serving';
  readonly position: Position;
  /** As it was built; absent: there is none. */
  readonly rebuilt?: string;
  /** As it should be, or as it is read. */
  readonly other?: string;
  /** The events of which it is made, the last ones. */
  readonly events: readonly { readonly position: Position; readonly stream: string; readonly type: string }[];
};

export type Verification = {
  /** The rows of the generation, and their checksum in whatever order, at this position. */
  readonly position: Position;
  readonly rows: number;
  readonly checksum: string;
  /** The same of the log; absent where only a sample was compared. */
  readonly log?: { readonly rows: number; readonly checksum: string };
  /** Rows that are not as the log has them. */
  readonly unlikeLog?: number;
  /** Rows that are not as they are read, compared at positions between these. */
  readonly unlikeServing: number;
  readonly comparedAt: { readonly from: Position; readonly to: Position };
  /** The first of them. */
  readonly differences: readonly Difference[];
};

export type VerifyDeps = {
  readonly log: EventStore;
  readonly clock: Clock;
  readonly giveWay: (signal: AbortSignal) => Promise<void>;
  /** The model in a database of its own, empty and only for this. */
  readonly scratch: () => Promise<{ readonly opened: OpenModel<unknown>; readonly close: () => Promise<void> }>;
};

const MOST_DIFFERENCES = 20;
const MOST_EVENTS = 50;
const PAGE = 1_000;
/** The log is folded in batches of other sizes than before: what depends on them is found. */
const SIZES = [1, 3, 7, 2, 5] as const;
/** One side waits so long for the other at most. */
const PATIENCE_MS = 30_000;
const LOOKS_EVERY_MS = 5;
/** Rows that may be ahead of their position are looked at so often. */
const LOOKS = 10;

/** `sample`: so many rows at most are compared, and only with the generation that is read. */
export const verifyGeneration = async (
  deps: VerifyDeps,
  beside: OpenGeneration<unknown>,
  serving: OpenGeneration<unknown>,
  { sample, signal }: { readonly sample?: number; readonly signal: AbortSignal },
): Promise<Verification> => {
  const { pace } = beside;
  try {
    const position = await heldNow(deps, beside);
    const rows = new Summed();
    const found: Difference[] = [];
    const ofLog =
      sample === undefined ? await compareWithLog(deps, beside, { position, rows, found, signal }) : undefined;
    const ofServing = await compareWithServing(deps, beside, serving, { position, found, sample, signal });
    const differences = await withEvents(deps, beside, found.slice(0, MOST_DIFFERENCES), signal);
    const counted = sample === undefined ? rows : ofServing.rows;
    const { rows: _, ...compared } = ofServing;
    return { position, rows: counted.count, checksum: counted.checksum, ...ofLog, ...compared, differences };
  } finally {
    pace.release();
  }
};

/** Rows by a sum that does not depend on their order. */
class Summed {
  count = 0;
  #sum = 0n;

  add(key: string, row: string): void {
    this.count += 1;
    const digest = createHash('sha256').update(key).update('\0').update(row).digest();
    this.#sum = (this.#sum + digest.readBigUInt64BE() * 2n ** 64n + digest.readBigUInt64BE(8)) % 2n ** 128n;
  }

  get checksum(): string {
    return this.#sum.toString(16).padStart(32, '0');
  }
}

const late = (what: string): EventStoreError => new EventStoreError('STORE_UNAVAILABLE', what);

const waitFor = async ({ clock }: VerifyDeps, what: string, isSo: () => Promise<boolean>): Promise<void> => {
  for (let waitedMs = 0; !(await isSo()); waitedMs += LOOKS_EVERY_MS) {
    if (waitedMs >= PATIENCE_MS) throw late(what);
    await pause(clock, LOOKS_EVERY_MS);
  }
};

/** Where the generation stands still, with everything up to there and nothing beyond. */
const heldNow = async (deps: VerifyDeps, { runner, pace }: OpenGeneration<unknown>): Promise<Position> => {
  const at = runner.gate.position;
  pace.holdAt(at);
  await waitFor(
    deps,
    'what is built does not come to a place where it can be compared',
    async () => pace.isAtBound || runner.gate.position >= (await deps.log.lastPosition()),
  );
  return Math.max(at, runner.gate.position);
};

const compareWithLog = async (
  deps: VerifyDeps,
  { opened: { rows: built }, runner }: OpenGeneration<unknown>,
  {
    position,
    rows,
    found,
    signal,
  }: {
    readonly position: Position;
    readonly rows: Summed;
    readonly found: Difference[];
    readonly signal: AbortSignal;
  },
): Promise<Pick<Verification, 'log' | 'unlikeLog'>> => {
  const scratch = await deps.scratch();
  try {
    await fold(deps, scratch.opened, runner.name, position, signal);
    const wanted = scratch.opened.rows;
    const ofLog = new Summed();
    let unlikeLog = 0;
    const note = (key: string, rebuilt: string | undefined, other: string | undefined): void => {
      if (rebuilt === other) return;
      unlikeLog += 1;
      if (found.length < MOST_DIFFERENCES) found.push(differenceOf('log', key, position, rebuilt, other));
    };
    const seen = new Seen();
    for await (const page of built.keys()) {
      await deps.giveWay(signal);
      const keys = seen.newOf(page);
      const [one, other] = [await built.read(keys), await wanted.read(keys)];
      for (const key of keys) {
        const row = one.rows.get(key);
        if (row !== undefined) rows.add(key, row);
        note(key, row, other.rows.get(key));
      }
    }
    for await (const page of wanted.keys()) {
      await deps.giveWay(signal);
      const other = await wanted.read(page);
      for (const [key, row] of other.rows) {
        ofLog.add(key, row);
        if (!seen.has(key)) note(key, undefined, row);
      }
    }
    return { log: { rows: ofLog.count, checksum: ofLog.checksum }, unlikeLog };
  } finally {
    await scratch.close();
  }
};

/** Keys by a few bytes each: there may be millions. */
class Seen {
  readonly #known = new Set<string>();

  newOf(keys: readonly string[]): readonly string[] {
    return keys.filter((key) => {
      const short = shortOf(key);
      if (this.#known.has(short)) return false;
      this.#known.add(short);
      return true;
    });
  }

  has(key: string): boolean {
    return this.#known.has(shortOf(key));
  }
}
const shortOf = (key: string): string =>
  key.length <= 24 ? key : createHash('sha256').update(key).digest('base64').slice(0, 16);

const fold = async (
  { log, giveWay }: VerifyDeps,
  { projection }: OpenModel<unknown>,
  model: string,
  until: Position,
  signal: AbortSignal,
): Promise<void> => {
  const taken = logWithout(log, await EventsLeftOut.read(log, model));
  const { categories } = projection;
  await projection.load({
    fingerprintAt: async () => 'scratch',
    dropped: () => {},
    setAside: () => {},
    notKept: () => {},
  });
  let turn = 0;
  for (let after = 0; after < until; ) {
    await giveWay(signal);
    const page = await taken.readAll({ after, limit: PAGE, ...(categories === undefined ? {} : { categories }) });
    const events = page.events.filter(({ position }) => position <= until);
    for (let from = 0; from < events.length; turn += 1) {
      const some = events.slice(from, from + (SIZES[turn % SIZES.length] ?? 1));
      from += some.length;
      await projection.apply({ events: some, position: some.at(-1)?.position ?? until, caughtUp: false });
    }
    if (page.position <= after) return;
    after = page.position;
  }
};

const compareWithServing = async (
  deps: VerifyDeps,
  beside: OpenGeneration<unknown>,
  serving: OpenGeneration<unknown>,
  {
    position,
    found,
    sample = Number.POSITIVE_INFINITY,
    signal,
  }: {
    readonly position: Position;
    readonly found: Difference[];
    readonly sample: number | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Pick<Verification, 'unlikeServing' | 'comparedAt'> & { readonly rows: Summed }> => {
  const [built, read] = [beside.opened.rows, serving.opened.rows];
  const rows = new Summed();
  let [at, from, unlikeServing] = [position, Number.POSITIVE_INFINITY, 0];
  /** Both at one position: the one that is built is moved on to where the other was when it was read. */
  const both = async (keys: readonly string[]): Promise<readonly [ReadRows, ReadRows]> => {
    // One that gives way goes on where somebody waits for it.
    if (!(await serving.runner.gate.waitFor(at, PATIENCE_MS))) throw late('the generation that is read does not go on');
    const reached = serving.runner.gate.position;
    const other = await read.read(keys);
    const where = Math.max(reached, other.position);
    if (where > at) {
      beside.pace.holdAt(where);
      const { gate } = beside.runner;
      await waitFor(deps, 'what is built does not go on', async () => gate.position >= where || beside.pace.isAtBound);
      at = Math.max(where, gate.position);
    }
    from = Math.min(from, where);
    return [await built.read(keys), other];
  };
  /** Those that are still otherwise after some looks: a row may be further than its position says. */
  const stillUnlike = async (keys: readonly string[]): Promise<readonly string[]> => {
    let unlike = keys;
    for (let look = 1; look <= LOOKS && unlike.length > 0; look += 1) {
      await pause(deps.clock, LOOKS_EVERY_MS * look);
      const [one, other] = await both(unlike);
      unlike = unlike.filter((key) => one.rows.get(key) !== other.rows.get(key));
    }
    return unlike;
  };
  const compare = async (keys: readonly string[]): Promise<void> => {
    const [one, other] = await both(keys);
    const differing = keys.filter((key) => one.rows.get(key) !== other.rows.get(key));
    const unlike = new Set(mayBeAhead ? await stillUnlike(differing) : differing);
    for (const key of keys) {
      const [row, theirs] = [one.rows.get(key), other.rows.get(key)];
      if (row !== undefined) rows.add(key, row);
      if (!unlike.has(key)) continue;
      unlikeServing += 1;
      if (found.length < MOST_DIFFERENCES) found.push(differenceOf('serving', key, at, row, theirs));
    }
  };
  const mayBeAhead = built.mayBeAhead === true || read.mayBeAhead === true;
  const seen = new Seen();
  let left = sample;
  for await (const page of built.keys()) {
    await deps.giveWay(signal);
    const keys = seen.newOf(page).slice(0, left);
    left -= keys.length;
    await compare(keys);
    if (left <= 0) break;
  }
  for await (const page of read.keys()) {
    if (left <= 0) break;
    await deps.giveWay(signal);
    const keys = seen.newOf(page).slice(0, left);
    left -= keys.length;
    if (keys.length > 0) await compare(keys);
  }
  return { unlikeServing, comparedAt: { from: Math.min(from, at), to: at }, rows };
};

const differenceOf = (
  than: Difference['than'],
  key: string,
  position: Position,
  rebuilt: string | undefined,
  other: string | undefined,
): Difference => ({
  key,
  than,
  position,
  ...(rebuilt === undefined ? {} : { rebuilt }),
  ...(other === undefined ? {} : { other }),
  events: [],
});

/** Events of the streams whose names have a word of the key: one look at the log for all of them. */
const withEvents = async (
  { log, giveWay }: VerifyDeps,
  { opened: { rows, projection } }: OpenGeneration<unknown>,
  differences: readonly Difference[],
  signal: AbortSignal,
): Promise<readonly Difference[]> => {
  if (differences.length === 0) return [];
  const made = differences.map(({ key, position }) => ({
    words: rows.wordsIn(key).filter((word) => word.length >= SHORTEST_WORD),
    position,
    events: [] as RecordedEvent[],
  }));
  const { categories } = projection;
  const shown = (row: string): string => rows.shown?.(row) ?? row;
  for (let after = 0; ; ) {
    await giveWay(signal);
    const page = await log.readAll({ after, limit: PAGE, ...(categories === undefined ? {} : { categories }) });
    for (const event of page.events)
      for (const one of made)
        if (event.position <= one.position && one.words.some((word) => event.stream.includes(word))) {
          one.events.push(event);
          if (one.events.length > MOST_EVENTS) one.events.shift();
        }
    if (page.position <= after || page.caughtUp) break;
    after = page.position;
  }
  return differences.map((difference, index) => ({
    ...difference,
    ...(difference.rebuilt === undefined ? {} : { rebuilt: shown(difference.rebuilt) }),
    ...(difference.other === undefined ? {} : { other: shown(difference.other) }),
    events: (made[index]?.events ?? []).map(({ position, stream, type }) => ({ position, stream, type })),
  }));
};
const SHORTEST_WORD = 4;
