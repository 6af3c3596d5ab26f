import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deterministicId, eventIds } from './ids.ts';

const UUID_8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const LAST_INDEX = 65_535;

describe('ids', () => {
  test('are UUIDs of version 8, whatever the name', () => {
    fc.assert(fc.property(fc.string(), (name) => UUID_8.test(deterministicId(name))));
    fc.assert(
      fc.property(fc.string(), fc.nat(LAST_INDEX), (commandId, index) => UUID_8.test(eventIds(commandId)(index))),
    );
  });

  test('depend on the name alone', () => {
    expect(deterministicId('N1/pay')).toBe(deterministicId('N1/pay'));
    expect(eventIds('N1/pay')(3)).toBe(eventIds('N1/pay')(3));
    // Logs contain this id already: a repeated command must find its own events again.
    expect(deterministicId('N1/pay')).toBe('ab8a81bc-e97d-8df8-9cbf-d6947c8d8303');
    expect(eventIds('N1/pay')(258)).toBe('ab8a81bc-e97d-8df8-9cbf-d6947c8d0102');
  });

  test('differ for every event of a command, and between commands', () => {
    const ids = ['N1/pay', 'N2/pay', 'N1/pay#1'].flatMap((commandId) => {
      const idOf = eventIds(commandId);
      return Array.from({ length: LAST_INDEX + 1 }, (_, index) => idOf(index));
    });
    expect(new Set(ids).size).toBe(ids.length);
  });
});
