// Order numbers: derived from user and idempotency key, so that the same request finds the same order, whoever asks
// where; the first two characters are the user's shard, so both look-ups touch one shard.
import { hash } from 'node:crypto';

/** Crockford's base 32: no I, L, O, U to misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SHARD_CHARACTERS = 2;
const HASH_CHARACTERS = 16;

const base32 = (hex: string, characters: number): string => {
  let bits = BigInt(`0x${hex}`);
  let text = '';
  for (let index = 0; index < characters; index += 1) {
    text = ALPHABET.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
};

const digest = (text: string): string => hash('sha256', text, 'hex').slice(0, 24);

/** 0 to 1,023. */
export const shardOf = (userId: string): number => Number.parseInt(digest(`user/${userId}`).slice(0, 8), 16) % 1024;

/** `round` counts the uses of a key whose earlier orders are older than a key lives. */
export const orderNoOf = (userId: string, idempotencyKey: string, round: number): string =>
  base32(shardOf(userId).toString(16), SHARD_CHARACTERS) +
  base32(digest(JSON.stringify(['order', userId, idempotencyKey, round])), HASH_CHARACTERS);
