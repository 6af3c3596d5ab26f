// The keys of documents stand in the names of streams, so they are for ever.
import { expect, test } from '@jest/globals';
import { documentKey } from './keys.ts';

const keyOf = (idNo: string): string => documentKey('a-secret-of-the-tests', { idType: 'passport', idNo });

test('a number has the key that it always had, however its hyphens and letters are written', () => {
  for (const idNo of ['E1234567', 'e1234567', 'E-123-4567', 'E1234-567']) expect(keyOf(idNo)).toBe('6u8D0Proj6VytzEe');
  for (const idNo of ['E12345678', '1234567', 'E1234568']) expect(keyOf(idNo)).not.toBe('6u8D0Proj6VytzEe');
});
