// Turns feed ids into codes: at most sixteen letters and digits, each used once.
import { createHash } from 'node:crypto';

const MAX_CODE = 16;
const HASH_CHARACTERS = 7;

const hashOf = (text: string): string =>
  BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 16)}`)
    .toString(36)
    .padStart(HASH_CHARACTERS, '0')
    .slice(-HASH_CHARACTERS);

/**
 * The first of the candidates' codes that `claim` accepts. If the code is taken or the id had to be cut, the code ends
 * in a hash of the whole id, so that an id keeps its code in the next edition of the feed.
 */
export const uniqueCode = (wanted: string, id: string, claim: (code: string) => boolean): string => {
  const letters = wanted.replace(/[^A-Za-z0-9]/g, '');
  if (letters !== '' && letters.length <= MAX_CODE && claim(letters)) return letters;
  for (let attempt = 0; ; attempt += 1) {
    const code = letters.slice(0, MAX_CODE - HASH_CHARACTERS) + hashOf(`${id}#${attempt}`);
    if (claim(code)) return code;
  }
};
