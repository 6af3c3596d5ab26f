// The queue of a run as its stream has it. Places count from 1 in the order of joining. The *rank* of a place is where it
// stands in line, from 1: its number, unless it came into a waiting room, where a seed decides.
import type { Recorded } from '../kernel/event.ts';
import type { ModeCause, QueueClosed, QueueMode, RunQueueEvent } from './events.ts';
import { shuffled } from './shuffle.ts';

/** `before`: the last place before the room. `seed` is there once the sale has opened. */
export type WaitingRoom = {
  readonly opensAt: string;
  readonly commitment: string;
  readonly nonce: string;
  readonly before: number;
  readonly seed?: string;
  /** Ranks of its places, less `before`, in the order of the places. */
  readonly ranks?: Uint32Array;
};

/** Up to this rank everybody was admitted at that instant, unless earlier. */
export type Admission = { readonly upTo: number; readonly atMs: number; readonly seatsLeft?: number };

/** Changed in place: a queue has up to a million places. */
export type RunQueue = {
  mode: QueueMode;
  cause: ModeCause | undefined;
  ratePerSecond: number | undefined;
  room: WaitingRoom | undefined;
  /** Keys of users, by place. */
  readonly users: string[];
  /** The last place of each. */
  readonly placeOf: Map<string, number>;
  /** Ranks that were admitted. */
  admitted: number;
  readonly admissions: Admission[];
  closed: QueueClosed['data']['reason'] | undefined;
  /** Commands of operators, of which any may be sent again. */
  readonly handled: Set<string>;
};

export const noQueue = (): RunQueue => ({
  mode: 'OPEN',
  cause: undefined,
  ratePerSecond: undefined,
  room: undefined,
  users: [],
  placeOf: new Map(),
  admitted: 0,
  admissions: [],
  closed: undefined,
  handled: new Set(),
});

/** Does the sale open later, for those in the room? */
export const isRoomShut = ({ room }: RunQueue): boolean => room !== undefined && room.seed === undefined;

/** The rank of a place; undefined while it waits for the seed, and for a place that nobody has. */
export const rankOf = ({ room, users }: RunQueue, place: number): number | undefined => {
  if (!(Number.isInteger(place) && place >= 1 && place <= users.length)) return undefined;
  if (room === undefined || place <= room.before) return place;
  if (room.ranks === undefined) return undefined;
  const rank = room.ranks[place - room.before - 1];
  return rank === undefined ? place : room.before + rank;
};

/** Ranks that may be admitted next: all, less those in the room while its order is not decided. */
export const inLine = (queue: RunQueue): number =>
  queue.room !== undefined && isRoomShut(queue) ? queue.room.before : queue.users.length;

/** How many wait for their admission, those in the room among them. */
export const waitingOf = ({ users, admitted }: RunQueue): number => users.length - admitted;

/** When the rank was admitted, ms since the epoch; undefined: it waits. */
export const admittedAtMs = ({ admissions, admitted }: RunQueue, rank: number): number | undefined => {
  if (rank > admitted) return undefined;
  let [low, high] = [0, admissions.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((admissions[middle]?.upTo ?? 0) >= rank) high = middle;
    else low = middle + 1;
  }
  return admissions[low]?.atMs;
};

const MOST_HANDLED = 1_000;

const admit = (queue: RunQueue, admission: Admission): void => {
  if (admission.upTo <= queue.admitted) return;
  queue.admitted = admission.upTo;
  queue.admissions.push(admission);
};

/** Ranks in the order of the places, from places in the order of the ranks. */
const ranksOf = (order: Uint32Array): Uint32Array => {
  const ranks = new Uint32Array(order.length);
  for (const [rank, place] of order.entries()) ranks[place] = rank + 1;
  return ranks;
};

export const evolve = (queue: RunQueue, { type, data, meta }: Recorded<RunQueueEvent>): RunQueue => {
  switch (type) {
    case 'QueueModeSet':
      queue.mode = data.mode;
      queue.cause = data.cause;
      queue.ratePerSecond = data.ratePerSecond;
      if (data.cause === 'operator') queue.handled.add(meta.commandId);
      if (queue.handled.size > MOST_HANDLED) queue.handled.delete(queue.handled.values().next().value ?? '');
      if (data.mode === 'OPEN') admit(queue, { upTo: inLine(queue), atMs: Date.parse(meta.at) });
      return queue;
    case 'WaitingRoomOpened':
      queue.room = { ...data, before: queue.users.length };
      return queue;
    case 'QueueJoined':
      for (const user of data.joins) queue.placeOf.set(user, queue.users.push(user));
      return queue;
    case 'WaitingRoomShuffled': {
      if (queue.room === undefined) return queue;
      queue.room = { ...queue.room, seed: data.seed, ranks: ranksOf(shuffled(data.seed, data.places)) };
      if (queue.mode === 'OPEN') admit(queue, { upTo: inLine(queue), atMs: Date.parse(meta.at) });
      return queue;
    }
    case 'QueueAdmitted': {
      const seats = data.seatsLeft === undefined ? {} : { seatsLeft: data.seatsLeft };
      admit(queue, { upTo: data.upTo, atMs: Date.parse(data.at), ...seats });
      return queue;
    }
    case 'QueueClosed':
      queue.closed = data.reason;
      return queue;
  }
};
