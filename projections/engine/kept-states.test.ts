import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { readSideOf } from '@railhead/tests/support/read-side.ts';
import { KeptStates, keptSchema } from './kept-states.ts';
import type { PositionProof } from './projection.ts';
import type { Keeping, ReadDatabase } from './read-database.ts';
import type { ReadModel } from './read-model.ts';

type Sum = { readonly sum: number };

/** `numbers` is what this program understands; every event of `numbers` in version 1 is. */
const category = {
  name: 'numbers',
  strangeness: ({ version }: { readonly version: number }) => (version > 1 ? ('NEWER_VERSION' as const) : undefined),
};
const model = (version = 1): ReadModel<undefined> => ({
  name: 'sums',
  schema: keptSchema('sums', version),
  isLocal: true,
  open: () => {
    throw new Error('not opened here');
  },
});

/** One slice holds one state, and every call of `keep` writes one. */
const OFTEN: Keeping = { minEvents: 1, eventsPerState: 0, statesPerSlice: 1 };

let database: ReadDatabase;
/** A history: the fingerprint of an event is the letter and its position. */
let history: string;
let told: string[];
const log: PositionProof = {
  fingerprintAt: async (position) => `${history}${position}`,
  dropped: (position) => told.push(`dropped at ${position}`),
  setAside: (stream, why) => told.push(`${stream}: ${why}`),
  notKept: (error) => told.push(`not kept: ${String(error)}`),
};
beforeEach(async () => {
  database = await readSideOf(model());
  history = 'a';
  told = [];
});
afterEach(() => database.db.destroy());

/** A model in memory that has loaded what was kept. */
const opened = async (keeping: Keeping = OFTEN) => {
  const sums = new Map<string, { position: Position; sum: number }>();
  const kept = new KeptStates<Sum>(
    { ...database, keeping },
    { name: 'sums', version: 1, categories: [category] },
    (name) => {
      const known = sums.get(name);
      return known === undefined ? undefined : { position: known.position, state: { sum: known.sum } };
    },
  );
  const { position, states } = await kept.load(log);
  for (const [name, { position, state }] of states) sums.set(name, { position, sum: state.sum });
  const add = (name: string, position: Position, number: number): void => {
    const known = sums.get(name) ?? { position: 0, sum: 0 };
    if (position > known.position) sums.set(name, { position, sum: known.sum + number });
    kept.changed(name);
  };
  const known = () => Object.fromEntries([...sums].map(([name, { position, sum }]) => [name, [position, sum]]));
  return { kept, position, add, known };
};

const stranger = (position: number): RecordedEvent => ({
  ...newEvent({}, 'Tested'),
  version: 2,
  stream: 'numbers-1',
  revision: 0,
  position,
});

describe('what a model in memory keeps', () => {
  test('is there at the next start, at the place where it was', async () => {
    const first = await opened();
    for (const [index, name] of ['x', 'y', 'x'].entries()) first.add(name, index + 1, 10);
    await first.kept.keepAll(7);
    const second = await opened();
    expect([second.position, second.known()]).toEqual([7, { x: [3, 20], y: [2, 10] }]);
    second.add('y', 8, 5);
    await second.kept.keepAll(8);
    const third = await opened();
    expect([third.position, third.known()]).toEqual([8, { x: [3, 20], y: [8, 15] }]);
    expect(told).toEqual([]);
  });

  test('is not written before it is time, and then everything that changed', async () => {
    const { kept, add } = await opened({ minEvents: 10, eventsPerState: 4, statesPerSlice: 100 });
    for (const name of ['a', 'b', 'c']) add(name, 1, 1);
    await kept.keep(9, 11); // three states, so twelve events
    expect((await opened()).position).toBe(0);
    await kept.keep(10, 1);
    const next = await opened();
    expect([next.position, Object.keys(next.known())]).toEqual([10, ['a', 'b', 'c']]);
  });

  test('may be ahead of the place after a crash; then an event that is in a state is not in it twice', async () => {
    const first = await opened();
    first.add('x', 1, 10);
    first.add('y', 2, 10);
    await first.kept.keep(2, 2); // one of the two is written
    first.add('x', 3, 10);
    first.add('y', 3, 10);
    const second = await opened();
    expect(second.position).toBe(0);
    expect(Object.keys(second.known())).toHaveLength(1);
    for (const [name, position] of [
      ['x', 1],
      ['y', 2],
      ['x', 3],
    ] as const)
      second.add(name, position, 10);
    expect(second.known()).toEqual({ x: [3, 20], y: [2, 10] });
  });

  test.each<readonly [string, number, number]>([
    ['at its place', 2, 2],
    ['ahead of its place', 0, 1],
  ])('is dropped if the log does not bear it out %s', async (_, place, slices) => {
    const first = await opened();
    first.add('x', 1, 10);
    first.add('y', 2, 10);
    for (let slice = 0; slice < slices; slice += 1) await first.kept.keep(2, 2);
    history = 'b';
    const second = await opened();
    expect([second.position, second.known()]).toEqual([0, {}]);
    expect(told).toEqual([`dropped at ${place}`]);
    history = 'a';
    expect((await opened()).known()).toEqual({});
  });

  test('is written later if the database cannot be written; the model goes on', async () => {
    const { kept, add } = await opened();
    add('x', 1, 10);
    await database.db.schema.alterTable('sums_states').renameTo('away').execute();
    await kept.keep(1, 1);
    await kept.keepAll(1);
    expect(told).toEqual(Array.from({ length: 2 }, () => expect.stringContaining('sums_states')));
    await database.db.schema.alterTable('away').renameTo('sums_states').execute();
    await kept.keepAll(1);
    const next = await opened();
    expect([next.position, next.known()]).toEqual([1, { x: [1, 10] }]);
  });

  test('has the streams that were set aside, also after a crash', async () => {
    const first = await opened({ minEvents: 1_000, eventsPerState: 0, statesPerSlice: 1 });
    expect(first.kept.place.kindOf(stranger(5))).toBe('strange');
    first.kept.setAside(stranger(5));
    await first.kept.keep(5, 1);
    const second = await opened();
    expect([...second.kept.place.setAside.keys()]).toEqual(['numbers-1']);
    expect(second.kept.place.kindOf(stranger(6))).toBe('skipped');
    expect(told).toEqual(['numbers-1: Tested version 2 at position 5']);
  });

  test('of thousands of states comes back whole', async () => {
    const first = await opened({ minEvents: 1, eventsPerState: 0, statesPerSlice: 500 });
    for (let n = 1; n <= 4_001; n += 1) first.add(`n${n}`, n, n);
    await first.kept.keepAll(4_001);
    const second = await opened();
    expect(Object.keys(second.known())).toHaveLength(4_001);
    expect(second.known().n4001).toEqual([4_001, 4_001]);
  });
});

test('a state that somebody has changed so that it cannot be read: all of them are thrown away, and it is told', async () => {
  const { kept, add } = await opened();
  add('one', 1, 1);
  add('two', 2, 2);
  await kept.keepAll(2);
  const broken = {
    ...database,
    dialect: {
      ...database.dialect,
      fromJson: (): never => {
        throw new SyntaxError('it is no JSON');
      },
    },
  };
  const damaged: string[] = [];
  const again = new KeptStates<Sum>(broken, { name: 'sums', version: 1, categories: [category] }, () => undefined);
  const loaded = await again.load({ ...log, damaged: (what) => damaged.push(what) });
  expect([loaded.position, loaded.states.size, damaged.length]).toEqual([0, 0, 1]);
  expect((await opened()).position).toBe(0);
});
