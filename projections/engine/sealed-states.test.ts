import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openedState, sealed } from './sealed-states.ts';

const state = fc.uint8Array({ minLength: 1, maxLength: 64 });

test('what was written is read again; nothing is nothing', () => {
  fc.assert(
    fc.property(fc.string(), state, (name, value) => {
      expect(openedState(name, sealed(name, value))).toEqual({ value });
    }),
  );
  expect(openedState('name', undefined)).toEqual({ value: undefined });
  // The store is told to remove it.
  expect(sealed('name', new Uint8Array())).toHaveLength(0);
});

test('one bit that is another, a piece, more bytes and the state of another name are damage', () => {
  fc.assert(
    fc.property(fc.string(), state, fc.nat(), fc.nat(), (name, value, bit, length) => {
      const stored = sealed(name, value);
      const flipped = Uint8Array.from(stored);
      const at = bit % (stored.length * 8);
      flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
      for (const other of [flipped, stored.subarray(0, length % stored.length), Uint8Array.of(...stored, 0)])
        expect(openedState(name, other)).toBe('damaged');
      expect(openedState(`${name}.`, stored)).toBe('damaged');
    }),
  );
});
