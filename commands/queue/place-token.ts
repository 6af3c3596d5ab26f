// A token for a place in the queue of a run. It names the run, the place and its user, with a signature, so nothing is stored
// for it; whether it lets anybody in is what the log says of the place.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { QueuePlaceId } from '@railhead/domain/queue-place/stream.ts';

/** `place` 0: the run had no queue when the token was made. `user`: the key that stands for the user. */
export type TokenPlace = QueuePlaceId & { readonly user: string };

/** No order number has a dot in it, so no token of an order begins so. */
const KIND = 'Q';
const SIGNATURE = 22;

const textOf = ({ train, date, place, user }: TokenPlace): string => `${KIND}.${train}.${date}.${place}.${user}`;

const signed = (text: string, secret: string): string =>
  `${text}.${createHmac('sha256', secret).update(`runQueue/${text}`).digest('base64url').slice(0, SIGNATURE)}`;

export const placeTokenOf = (place: TokenPlace, secret: string): string => signed(textOf(place), secret);

export const isPlaceToken = (token: string): boolean => token.startsWith(`${KIND}.`);

/** Undefined for a forged one. */
export const placeOfToken = (token: string, secret: string): TokenPlace | undefined => {
  const [, train, date, place, user] =
    /^Q\.([A-Za-z0-9]{1,16})\.(\d{4}-\d\d-\d\d)\.(\d{1,9})\.([\w-]{16})\./.exec(token) ?? [];
  if (train === undefined || date === undefined || place === undefined || user === undefined) return undefined;
  const named = { train, date, place: Number(place), user };
  const [expected, given] = [Buffer.from(placeTokenOf(named, secret)), Buffer.from(token)];
  return given.length === expected.length && timingSafeEqual(given, expected) ? named : undefined;
};
