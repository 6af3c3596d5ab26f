// Names of users and documents in streams: keyed by the order secret, so that nobody can tell from a stream's name, or from
// an event, whose it is.
import { createHmac } from 'node:crypto';
import type { Passenger } from '@railhead/domain/order/events.ts';
import { comparedDocumentNo } from '@railhead/domain/order/identity.ts';

/** 96 bits. */
const CHARACTERS = 16;

const keyOf = (secret: string, parts: readonly string[]): string =>
  createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url').slice(0, CHARACTERS);

export const documentKey = (secret: string, { idType, idNo }: Pick<Passenger, 'idType' | 'idNo'>): string =>
  keyOf(secret, ['document', idType, comparedDocumentNo(idNo)]);

export const userKey = (secret: string, userId: string): string => keyOf(secret, ['user', userId]);
