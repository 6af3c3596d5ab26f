// Order numbers: derived from user and idempotency key, so that the same request finds the same order, whoever asks
// where; the first two characters are the user's shard, so both look-ups touch one shard. They are keyed by a secret:
// nobody can tell from a number whose it is, or compute it.
import { createHmac, hash } from 'node:crypto';

/** How a railway numbers its orders. */
export type OrderNumbering = {
  readonly secret: string;
  /** Ms since the epoch: orders before were numbered by `plainOrderNoOf`. None were, if it is not given. */
  readonly keyedSinceMs?: number;
};

/** Crockford's base 32, without the letters I, L, O and U, which are easily misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SHARD_CHARACTERS = 2;
const HASH_CHARACTERS = 16;
const DIGEST_DIGITS = 24;
/** How many shards there are. */
export const SHARDS = 1_024;

const base32 = (hex: string, characters: number): string => {
  let bits = BigInt(`0x${hex}`);
  let text = '';
  for (let index = 0; index < characters; index += 1) {
    text = ALPHABET.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
};

/** Hexadecimal. */
type Digest = (text: string) => string;

const keyed =
  (secret: string): Digest =>
  (text) =>
    createHmac('sha256', secret).update(text).digest('hex').slice(0, DIGEST_DIGITS);

const plain: Digest = (text) => hash('sha256', text, 'hex').slice(0, DIGEST_DIGITS);

const shardBy = (digest: Digest, userId: string): number =>
  Number.parseInt(digest(`user/${userId}`).slice(0, 8), 16) % SHARDS;

const numberBy = (digest: Digest, userId: string, idempotencyKey: string, round: number): string =>
  base32(shardBy(digest, userId).toString(16), SHARD_CHARACTERS) +
  base32(digest(JSON.stringify(['order', userId, idempotencyKey, round])), HASH_CHARACTERS);

/** 0 to 1,023. */
export const shardOf = (secret: string, userId: string): number => shardBy(keyed(secret), userId);

/** The shard that a number carries. A text that is no number of ours has one as well, so that it is found again. */
export const shardOfOrderNo = (orderNo: string): number => {
  let shard = 0;
  for (const character of orderNo.slice(0, SHARD_CHARACTERS))
    shard = shard * ALPHABET.length + Math.max(0, ALPHABET.indexOf(character));
  return shard;
};

/** The shards in which a user's orders are: one, or two where orders were numbered without a secret before. */
export const shardsOfUser = ({ secret, keyedSinceMs }: OrderNumbering, userId: string): readonly number[] => {
  const shards = [shardBy(keyed(secret), userId)];
  if (keyedSinceMs !== undefined) shards.push(shardBy(plain, userId));
  return [...new Set(shards)];
};

/** `round` counts the uses of a key whose earlier orders are older than a key lives. */
export const orderNoOf = (secret: string, userId: string, idempotencyKey: string, round: number): string =>
  numberBy(keyed(secret), userId, idempotencyKey, round);

/** As orders were numbered before there was a secret. */
export const plainOrderNoOf = (userId: string, idempotencyKey: string, round: number): string =>
  numberBy(plain, userId, idempotencyKey, round);

/** Does it look like a number that this version gives? */
export const isOrderNo = (text: string): boolean =>
  text.length === SHARD_CHARACTERS + HASH_CHARACTERS && [...text].every((letter) => ALPHABET.includes(letter));

/** May this user's order, requested then, have this number? By its shard, which one user in 1,024 shares by chance. */
export const isNumberOf = (
  { secret, keyedSinceMs = Number.NEGATIVE_INFINITY }: OrderNumbering,
  orderNo: string,
  userId: string,
  requestedAtMs: number,
): boolean => {
  const shard = (digest: Digest): string => base32(shardBy(digest, userId).toString(16), SHARD_CHARACTERS);
  return orderNo.startsWith(shard(keyed(secret))) || (requestedAtMs < keyedSinceMs && orderNo.startsWith(shard(plain)));
};
