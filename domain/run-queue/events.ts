// The queue of a run. Who joins gets a place; places are admitted in their order, so many a second, and who is admitted may
// order. Everything about it is decided in its stream, so nobody loses a place when a process ends.
import type { DomainEvent } from '../kernel/event.ts';

/** `OPEN`: everybody may order. `QUEUED`: who was admitted. `PAUSED`: the same, and nobody more is admitted. */
export type QueueMode = 'OPEN' | 'QUEUED' | 'PAUSED';

/**
 * Who changed the mode: an operator; too many requests (`load`); somebody who came before the sale opens
 * (`waitingRoom`); or that nobody waits any more (`calm`). What an operator has said is changed by operators only.
 */
export type ModeCause = 'operator' | 'load' | 'waitingRoom' | 'calm';

/** `ratePerSecond`: so many are admitted at most. Whoever waits when the mode becomes `OPEN` is admitted by that. */
export type QueueModeSet = DomainEvent<
  'QueueModeSet',
  { readonly mode: QueueMode; readonly cause: ModeCause; readonly ratePerSecond?: number }
>;

/**
 * The sale opens later. Who joins from now on waits in a room, until a seed decides their order. `commitment` is the
 * SHA-256 of that seed, in hexadecimal: who publishes it cannot change the seed any more. The seed is an HMAC of `nonce`.
 */
export type WaitingRoomOpened = DomainEvent<
  'WaitingRoomOpened',
  { readonly opensAt: string; readonly commitment: string; readonly nonce: string }
>;

/** They get the next places, in this order. Each is named by a key that stands for a user. */
export type QueueJoined = DomainEvent<'QueueJoined', { readonly joins: readonly string[] }>;

/**
 * The sale opens. The places of the room, so many, are put in the order that follows from the seed. `digest`: SHA-256 of
 * that order (of its places, with commas between).
 */
export type WaitingRoomShuffled = DomainEvent<
  'WaitingRoomShuffled',
  { readonly seed: string; readonly places: number; readonly digest: string }
>;

/** The first `upTo` in line are admitted. `seatsLeft`: by what was known, where the rate followed from it. */
export type QueueAdmitted = DomainEvent<
  'QueueAdmitted',
  { readonly upTo: number; readonly at: string; readonly seatsLeft?: number }
>;

/** Nothing is sold any more, so nobody waits any more. */
export type QueueClosed = DomainEvent<'QueueClosed', { readonly reason: 'SALE_CLOSED' | 'RUN_CANCELLED' }>;

export type RunQueueEvent =
  | QueueModeSet
  | WaitingRoomOpened
  | QueueJoined
  | WaitingRoomShuffled
  | QueueAdmitted
  | QueueClosed;
