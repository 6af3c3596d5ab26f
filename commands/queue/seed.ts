// The seed of a waiting room. It follows from a secret of the railway and from chance that is in the log, so a process that
// starts again has it; who reads the log before the sale opens has its SHA-256 and no more.
import { createHmac, hash } from 'node:crypto';
import { type RunId, runName } from '@railhead/domain/train-run/stream.ts';
import type { Random } from '../ports/random.ts';

const NONCE_WORDS = 4;
const TWO_TO_32 = 2 ** 32;

export const newNonce = (random: Random): string =>
  Array.from({ length: NONCE_WORDS }, () =>
    Math.floor(random.next() * TWO_TO_32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');

export const seedOf = (secret: string, run: RunId, nonce: string): string =>
  createHmac('sha256', secret)
    .update(`waitingRoom/${runName(run)}/${nonce}`)
    .digest('hex');

/** SHA-256 of the 32 bytes of the seed. */
export const commitmentOf = (seed: string): string => hash('sha256', Buffer.from(seed, 'hex'), 'hex');

/** `order`: what `shuffled` gives, for a room that comes after so many places. */
export const orderDigest = (order: Uint32Array, before: number): string =>
  hash('sha256', Array.from(order, (place) => before + place + 1).join(), 'hex');
