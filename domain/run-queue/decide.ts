// Decides who is in the queue of a run, in which order, and who is admitted.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import { type AdmissionRules, admissible, admissionRate } from './admission.ts';
import type { ModeCause, QueueClosed, QueueMode, RunQueueEvent } from './events.ts';
import { inLine, isRoomShut, type RunQueue, waitingOf } from './fold.ts';

/** An instant, and as it is written. */
type Now = { readonly nowMs: number; readonly at: string };

/** `spent`: the user's last place, where it is known to be used or out of time. */
export type Joining = { readonly user: string; readonly spent?: number };

export type RunQueueCommand =
  | { readonly type: 'SetMode'; readonly id: string; readonly mode: QueueMode; readonly ratePerSecond?: number }
  /** By itself: requests come too fast for the seats. */
  | { readonly type: 'TurnOn' }
  /** By itself: nobody waits any more. */
  | { readonly type: 'TurnOff' }
  | (Now & {
      readonly type: 'Join';
      readonly joining: readonly Joining[];
      readonly mostWaiting: number;
      readonly rules: AdmissionRules;
      /** The sale opens later. */
      readonly room?: { readonly opensAt: string; readonly commitment: string; readonly nonce: string };
    })
  | { readonly type: 'Shuffle'; readonly seed: string; readonly digest: string }
  | (Now & { readonly type: 'Admit'; readonly seatsLeft?: number; readonly rules: AdmissionRules })
  | { readonly type: 'Close'; readonly reason: QueueClosed['data']['reason'] };

export type RunQueueRefusal = 'QUEUE_CLOSED';

/** Places of one queue, ever: who comes again after an order gets another one. */
export const MOST_PLACES = 1_000_000;

export const decide = (queue: RunQueue, command: RunQueueCommand): Decision<RunQueueEvent, RunQueueRefusal> => {
  if (command.type === 'SetMode' && queue.handled.has(command.id)) return unchanged;
  if (queue.closed !== undefined) return command.type === 'Close' ? unchanged : closed;
  switch (command.type) {
    case 'SetMode': {
      const { mode, ratePerSecond } = command;
      const isSame = queue.cause === 'operator' && queue.mode === mode && queue.ratePerSecond === ratePerSecond;
      return isSame ? unchanged : emit(modeSet(mode, 'operator', ratePerSecond));
    }
    case 'TurnOn':
      // What an operator has said stands.
      return queue.mode === 'OPEN' && queue.cause !== 'operator' ? emit(modeSet('QUEUED', 'load')) : unchanged;
    case 'TurnOff': {
      const isOwn = queue.mode === 'QUEUED' && queue.cause !== 'operator';
      return isOwn && waitingOf(queue) === 0 && !isRoomShut(queue) ? emit(modeSet('OPEN', 'calm')) : unchanged;
    }
    case 'Join':
      return join(queue, command);
    case 'Shuffle': {
      const { seed, digest } = command;
      if (queue.room === undefined || !isRoomShut(queue)) return unchanged;
      const places = queue.users.length - queue.room.before;
      return emit({ type: 'WaitingRoomShuffled', version: 1, data: { seed, places, digest } });
    }
    case 'Admit':
      return admit(queue, command);
    case 'Close':
      return emit({ type: 'QueueClosed', version: 1, data: { reason: command.reason } });
  }
};

const closed = refuse('QUEUE_CLOSED', 'nothing is sold any more, so nobody waits');

const modeSet = (mode: QueueMode, cause: ModeCause, ratePerSecond?: number): RunQueueEvent => ({
  type: 'QueueModeSet',
  version: 1,
  data: { mode, cause, ...(ratePerSecond === undefined ? {} : { ratePerSecond }) },
});

const join = (
  queue: RunQueue,
  { joining, mostWaiting, room, rules, at }: Extract<RunQueueCommand, { readonly type: 'Join' }>,
): Decision<RunQueueEvent, never> => {
  const events: RunQueueEvent[] = [];
  // Who came before the sale opened goes before those who did not: so there is a queue, unless an operator wants none.
  const isUnwanted = queue.mode === 'OPEN' && queue.cause === 'operator';
  const isEarly = room !== undefined && !isUnwanted;
  if (isEarly && queue.mode === 'OPEN') events.push(modeSet('QUEUED', 'waitingRoom'));
  const isOpen = queue.mode === 'OPEN' && events.length === 0;
  if (isOpen) return unchanged;
  // An order is drawn once. If the opening is put off after that, who comes meanwhile stands behind those who have a rank.
  if (isEarly && queue.room === undefined) events.push({ type: 'WaitingRoomOpened', version: 1, data: room });
  const joins = newUsers(queue, joining, Math.min(mostWaiting - waitingOf(queue), MOST_PLACES - queue.users.length));
  if (joins.length === 0) return unchanged;
  events.push({ type: 'QueueJoined', version: 1, data: { joins } });
  const isWaiting = queue.mode === 'PAUSED' || isEarly || isRoomShut(queue);
  const upTo = Math.min(rules.first, queue.users.length + joins.length);
  if (!isWaiting && upTo > queue.admitted) events.push({ type: 'QueueAdmitted', version: 1, data: { upTo, at } });
  return emit(...events);
};

/** Each once, without those who have a place, as long as there is room. */
const newUsers = (queue: RunQueue, joining: readonly Joining[], roomFor: number): readonly string[] => {
  const users = new Set<string>();
  for (const { user, spent } of joining) {
    if (users.size >= roomFor) break;
    const place = queue.placeOf.get(user);
    if (place === undefined || place === spent) users.add(user);
  }
  return [...users];
};

const admit = (
  queue: RunQueue,
  { nowMs, at, seatsLeft, rules }: Extract<RunQueueCommand, { readonly type: 'Admit' }>,
): Decision<RunQueueEvent, never> => {
  if (queue.mode !== 'QUEUED') return unchanged;
  const line = inLine(queue);
  const seats = seatsLeft === undefined ? {} : { seatsLeft };
  const upTo = line - queue.admitted <= 0 ? 0 : Math.min(line, rankNow(queue, nowMs, rules, seatsLeft));
  if (upTo <= queue.admitted) return unchanged;
  return emit({ type: 'QueueAdmitted', version: 1, data: { upTo, at, ...seats } });
};

/** Up to which rank may be admitted now. */
const rankNow = (queue: RunQueue, nowMs: number, rules: AdmissionRules, seatsLeft: number | undefined): number => {
  const { admitted, admissions } = queue;
  if (admitted < rules.first) return rules.first;
  const lastMs = admissions.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  return admitted + admissible(admissionRate(rules, queue, seatsLeft), nowMs - lastMs);
};
