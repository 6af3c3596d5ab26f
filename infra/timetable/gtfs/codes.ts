// Feed ids as codes: at most sixteen letters and digits, and each given out once.
import { createHash } from 'node:crypto';

const MAX_CODE = 16;
const HASH_CHARACTERS = 7;

const hashOf = (text: string): string =>
  BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 16)}`)
    .toString(36)
    .padStart(HASH_CHARACTERS, '0')
    .slice(-HASH_CHARACTERS);

/**
 * The first of the candidates' codes that `claim` grants. A code that is taken, or an id that had to be cut, ends in
 * a hash of the whole id, so that an id keeps its code in the feed's next edition.
 */
export const uniqueCode = (wanted: string, id: string, claim: (code: string) => boolean): string => {
  const letters = wanted.replace(/[^A-Za-z0-9]/g, '');
  if (letters !== '' && letters.length <= MAX_CODE && claim(letters)) return letters;
  for (let attempt = 0; ; attempt += 1) {
    const code = letters.slice(0, MAX_CODE - HASH_CHARACTERS) + hashOf(`${id}#${attempt}`);
    if (claim(code)) return code;
  }
};
