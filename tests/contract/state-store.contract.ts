// What every store of shared states does.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Fence, StatePlace, StateStore } from '@railhead/projections/engine/state-store.ts';

export type StoreSpace = {
  /** One more process on the same space. */
  open(): StateStore;
  /** Everything is lost, as when a server starts without its file. */
  empty(): Promise<void>;
  close(): Promise<void>;
};

const MODEL = 'numbers';
const VERSION = 3;
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

export const stateStoreContract = (name: string, newSpace: () => Promise<StoreSpace>): void =>
  describe(`a store of shared states: ${name}`, () => {
    let space: StoreSpace;
    let [one, other]: StateStore[] = [];
    const storeOf = (store: StateStore | undefined): StateStore => {
      if (store === undefined) throw new Error('opened before each test');
      return store;
    };
    beforeEach(async () => {
      space = await newSpace();
      [one, other] = [space.open(), space.open()];
    });
    afterEach(() => space.close());
    const place = async (): Promise<StatePlace> => {
      const { place: found } = await storeOf(one).read(MODEL, []);
      if (found === undefined) throw new Error('there is no place');
      return found;
    };
    const values = async (...names: readonly string[]): Promise<readonly (readonly number[] | undefined)[]> => {
      const read = await storeOf(other).read(MODEL, names);
      return read.values.map((value) => (value === undefined ? undefined : [...value]));
    };
    /** Makes the model, and `store` its owner. */
    const owned = async (store: StateStore): Promise<Fence> => {
      await store.prepare(MODEL, VERSION);
      const seen = await place();
      expect(await store.take(MODEL, seen)).toBe(true);
      return { version: VERSION, owner: store.shared.owner, epoch: seen.epoch + 1, from: seen.position };
    };
    const AT_5 = { position: 5, fingerprint: 'five' };
    const stranger = { stream: 'numbers-1', type: 'Squared', version: 9, position: 5 };

    test('has nothing of a model before it is prepared', async () => {
      expect(await storeOf(one).read(MODEL, ['a'])).toEqual({ place: undefined, values: [undefined] });
      expect(await storeOf(one).strangers(MODEL)).toEqual([]);
    });

    test('tells the names of its states page by page, and nothing else', async () => {
      const fence = await owned(storeOf(one));
      const names = Array.from({ length: 7 }, (_, n) => `n${n}`);
      const states = new Map(names.map((each) => [each, bytes(1)]));
      await storeOf(one).move(MODEL, fence, AT_5, { states, strangers: [stranger] });
      const found = new Set<string>();
      for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
        const page = await storeOf(other).names(MODEL, after);
        for (const each of page.names) found.add(each);
        after = page.next;
      }
      expect([...found].sort()).toEqual(names);
      expect(await storeOf(one).names('letters')).toEqual({ names: [], next: undefined });
    });

    test('begins before the first event, owned by nobody', async () => {
      expect(await storeOf(one).prepare(MODEL, VERSION)).toBeUndefined();
      const epoch: unknown = expect.any(Number);
      const begun = { version: VERSION, owner: '', epoch, beat: 0, position: 0, fingerprint: '' };
      expect(await place()).toEqual(begun);
    });

    test.each([
      ['the same', VERSION, true],
      ['a newer', VERSION - 1, true],
      ['an older', VERSION + 1, false],
    ] as const)(
      'what %s version has stored is found by whoever prepares it, and stays: %s',
      async (_, version, stays) => {
        const fence = await owned(storeOf(one));
        const states = new Map([['a', bytes(1)]]);
        await storeOf(one).move(MODEL, fence, AT_5, { states, strangers: [stranger] });
        expect(await storeOf(other).prepare(MODEL, version)).toBe(VERSION);
        const found = { version: await place(), a: await values('a'), aside: await storeOf(one).strangers(MODEL) };
        if (stays)
          expect(found).toMatchObject({
            version: { version: VERSION, owner: fence.owner, epoch: fence.epoch, ...AT_5 },
            a: [[1]],
            aside: [stranger],
          });
        else
          expect(found).toMatchObject({
            version: { version, owner: '', position: 0, fingerprint: '' },
            a: [undefined],
            aside: [],
          });
        // Whoever fed what was there does not go on.
        const next = { ...fence, from: stays ? 5 : 0 };
        expect(await storeOf(one).move(MODEL, next, { position: 6, fingerprint: 'six' })).toBe(stays);
      },
    );

    test('is given to one of two who take it at the same time', async () => {
      await storeOf(one).prepare(MODEL, VERSION);
      const seen = await place();
      const taken = await Promise.all([storeOf(one).take(MODEL, seen), storeOf(other).take(MODEL, seen)]);
      expect([...taken].sort()).toEqual([false, true]);
      const winner = taken[0] === true ? one : other;
      expect(await place()).toMatchObject({ owner: winner?.shared.owner, epoch: seen.epoch + 1 });
    });

    test.each([
      ['version', { version: VERSION + 1 }],
      ['owner', { owner: 'somebody' }],
      ['epoch', { epoch: 1 }],
      ['beat', { beat: 7 }],
      ['position', { position: 7 }],
    ] as const)('is not given to whoever has seen another %s', async (_, seen) => {
      await storeOf(one).prepare(MODEL, VERSION);
      expect(await storeOf(one).take(MODEL, { ...(await place()), ...seen })).toBe(false);
      expect(await place()).toMatchObject({ owner: '' });
    });

    test('is freed by its owner only, and only of the ownership that he means', async () => {
      const { epoch, owner } = await owned(storeOf(one));
      await storeOf(other).free(MODEL, epoch);
      await storeOf(one).free(MODEL, epoch - 1);
      expect(await place()).toMatchObject({ owner, epoch });
      await storeOf(one).free(MODEL, epoch);
      expect(await place()).toMatchObject({ owner: '', epoch });
    });

    test('moves place, states and streams set aside together, and gives states byte for byte in the order asked', async () => {
      const fence = await owned(storeOf(one));
      const all = Uint8Array.from({ length: 256 }, (_, value) => value);
      const states = new Map([
        ['a', all],
        ['b', bytes(0)],
        ['@position', bytes(7)],
      ]);
      expect(await storeOf(one).move(MODEL, fence, AT_5, { states, strangers: [stranger] })).toBe(true);
      expect(await place()).toMatchObject({ ...AT_5, beat: 1, owner: fence.owner, epoch: fence.epoch });
      expect(await values('b', 'none', 'a', '@position')).toEqual([[0], undefined, [...all], [7]]);
      expect(await storeOf(other).strangers(MODEL)).toEqual([stranger]);
      const next = { states: new Map([['b', bytes()]]), strangers: [{ ...stranger, stream: 'numbers-2' }] };
      expect(await storeOf(one).move(MODEL, { ...fence, from: 5 }, { position: 6, fingerprint: '' }, next)).toBe(true);
      expect(await values('b', 'a')).toEqual([undefined, [...all]]);
      expect(await place()).toMatchObject({ position: 6, fingerprint: '', beat: 2 });
      expect(await storeOf(other).strangers(MODEL)).toHaveLength(2);
    });

    test('shows that its owner lives, where nothing moves', async () => {
      const fence = await owned(storeOf(one));
      const { position, fingerprint, beat } = await place();
      expect(await storeOf(one).move(MODEL, fence, { position, fingerprint })).toBe(true);
      expect(await place()).toMatchObject({ position, beat: beat + 1 });
    });

    test.each([
      ['version', { version: VERSION + 1 }],
      ['owner', { owner: 'somebody' }],
      ['epoch', { epoch: 1 }],
      ['place', { from: 7 }],
    ] as const)('writes and drops nothing for another %s', async (_, wrong) => {
      const fence = await owned(storeOf(one));
      await storeOf(one).move(MODEL, fence, AT_5, { states: new Map([['a', bytes(1)]]), strangers: [] });
      const changes = { states: new Map([['a', bytes(2)]]), strangers: [stranger] };
      const fenced = { ...fence, from: 5, ...wrong };
      expect(await storeOf(one).move(MODEL, fenced, { position: 9, fingerprint: 'nine' }, changes)).toBe(false);
      expect(await storeOf(one).drop(MODEL, fenced)).toBe(false);
      expect([await values('a'), await storeOf(one).strangers(MODEL)]).toEqual([[[1]], []]);
      expect(await place()).toMatchObject({ ...AT_5, beat: 1 });
    });

    test('drops all that it has of a model, and its owner goes on from the beginning', async () => {
      const fence = await owned(storeOf(one));
      const changes = { states: new Map([['a', bytes(1)]]), strangers: [stranger] };
      await storeOf(one).move(MODEL, fence, AT_5, changes);
      expect(await storeOf(one).drop(MODEL, { ...fence, from: 5 })).toBe(true);
      expect([await values('a'), await storeOf(one).strangers(MODEL)]).toEqual([[undefined], []]);
      expect(await place()).toMatchObject({ position: 0, fingerprint: '', epoch: fence.epoch, owner: fence.owner });
      expect(await storeOf(one).move(MODEL, fence, AT_5)).toBe(true);
    });

    test('takes thousands of states in one step, and some of them away', async () => {
      const fence = await owned(storeOf(one));
      const names = Array.from({ length: 5_001 }, (_, index) => `state-${index}`);
      const states = new Map(names.map((name, index) => [name, bytes(index % 251, 1)]));
      await storeOf(one).move(MODEL, fence, AT_5, { states, strangers: [] });
      const gone = new Map(names.map((name, index) => [name, index % 3 === 0 ? bytes() : bytes(9)]));
      await storeOf(one).move(
        MODEL,
        { ...fence, from: 5 },
        { position: 6, fingerprint: 'six' },
        { states: gone, strangers: [] },
      );
      expect(await values(...names)).toEqual(names.map((_, index) => (index % 3 === 0 ? undefined : [9])));
    });

    test('other models are not touched', async () => {
      await owned(storeOf(one));
      await storeOf(one).prepare('letters', 1);
      const fence = await owned(storeOf(one));
      await storeOf(one).drop(MODEL, fence);
      expect((await storeOf(one).read('letters', [])).place).toMatchObject({ version: 1 });
    });

    test('that was emptied is not taken for what it was', async () => {
      const fence = await owned(storeOf(one));
      await space.empty();
      expect(await storeOf(one).move(MODEL, fence, AT_5)).toBe(false);
      const again = await owned(storeOf(other));
      expect(again.epoch).not.toBe(fence.epoch);
      expect(await storeOf(one).move(MODEL, fence, AT_5)).toBe(false);
    });
  });
