// Queues of runs by lists alone: who joined, who stands where, who was admitted, which place let in which order.
import type { QueuePlaceEvent } from '@railhead/domain/queue-place/events.ts';
import type { RunQueueEvent } from '@railhead/domain/run-queue/events.ts';
import { shuffled } from '@railhead/domain/run-queue/shuffle.ts';
import { Violation } from '../world/violation.ts';

type RunTruth = {
  mode: string;
  closed: boolean;
  /** By place, from 1. */
  readonly users: string[];
  /** Places in the order in which they are to be admitted. */
  line: number[];
  room: number[] | undefined;
  admitted: number;
};

export class QueueTruth {
  readonly #runs = new Map<string, RunTruth>();
  /** The order that has used a place, by the name of the place. */
  readonly #uses = new Map<string, string>();
  /** Position of the last event of any queue. */
  lastChange = 0;

  #run(name: string): RunTruth {
    const known = this.#runs.get(name);
    if (known !== undefined) return known;
    const run: RunTruth = { mode: 'OPEN', closed: false, users: [], line: [], room: undefined, admitted: 0 };
    this.#runs.set(name, run);
    return run;
  }

  add(name: string, { type, data }: RunQueueEvent, position: number): void {
    const run = this.#run(name);
    this.lastChange = position;
    switch (type) {
      case 'QueueModeSet':
        run.mode = data.mode;
        break;
      case 'WaitingRoomOpened':
        run.room = [];
        break;
      case 'QueueJoined':
        for (const user of data.joins) this.#join(name, run, user);
        break;
      case 'WaitingRoomShuffled': {
        const room = run.room ?? [];
        for (const index of shuffled(data.seed, room.length)) run.line.push(room[index] ?? 0);
        run.room = undefined;
        break;
      }
      case 'QueueAdmitted':
        if (data.upTo <= run.admitted)
          throw new Violation('ADMITTED_TWICE', `${name}: rank ${data.upTo} was admitted, ${run.admitted} were before`);
        if (data.upTo > run.line.length)
          throw new Violation('ADMITTED_NOBODY', `${name}: ${data.upTo} are admitted of ${run.line.length} in line`);
        if (run.mode !== 'QUEUED') throw new Violation('ADMITTED_WHILE_SHUT', `${name} is ${run.mode}`);
        run.admitted = data.upTo;
        break;
      case 'QueueClosed':
        run.closed = true;
    }
    // Whoever waits is let in.
    if (run.mode === 'OPEN') run.admitted = run.line.length;
  }

  #join(name: string, run: RunTruth, user: string): void {
    const before = run.users.lastIndexOf(user) + 1;
    const waits = before > 0 && !this.#isAdmitted(run, before);
    if (waits) throw new Violation('TWO_PLACES', `${name}: ${user} waits at place ${before} and gets another`);
    const place = run.users.push(user);
    (run.room ?? run.line).push(place);
  }

  #isAdmitted({ line, admitted }: RunTruth, place: number): boolean {
    const rank = line.indexOf(place);
    return rank >= 0 && rank < admitted;
  }

  use(name: string, { type, data }: QueuePlaceEvent): void {
    const [run, place] = [name.slice(0, name.lastIndexOf('_')), Number(name.slice(name.lastIndexOf('_') + 1))];
    const before = this.#uses.get(name);
    if (type === 'QueuePlaceReturned') {
      if (before === data.orderNo) this.#uses.delete(name);
      return;
    }
    if (before !== undefined && before !== data.orderNo)
      throw new Violation('ADMITTED_TWICE', `place ${name} let in order ${before} and lets in ${data.orderNo}`);
    const truth = this.#run(run);
    if (!this.#isAdmitted(truth, place))
      throw new Violation('OVERTAKEN_IN_QUEUE', `place ${name} lets in order ${data.orderNo} and was not admitted`);
    if (truth.users[place - 1] !== data.user)
      throw new Violation('PLACE_OF_ANOTHER', `place ${name} is of ${truth.users[place - 1]}, not of ${data.user}`);
    this.#uses.set(name, data.orderNo);
  }

  /** Somebody was told that they have this place. */
  assertHas(name: string, place: number, user: string): void {
    if (this.#run(name).users[place - 1] !== user)
      throw new Violation('PLACE_LOST', `${user} was told place ${place} of ${name}, and the log does not have it`);
  }

  /** Somebody was told that they may order. */
  assertAdmitted(name: string, place: number): void {
    const run = this.#run(name);
    if (run.mode !== 'OPEN' && !this.#isAdmitted(run, place))
      throw new Violation('OVERTAKEN_IN_QUEUE', `place ${place} of ${name} was told that it is admitted`);
  }

  /** An order was taken by a place, so the log says so. */
  assertUsed(name: string, place: number, orderNo: string): void {
    const used = this.#uses.get(`${name}_${place}`);
    if (used !== orderNo)
      throw new Violation('PLACE_NOT_USED', `order ${orderNo} came by place ${place} of ${name}, used by ${used}`);
  }

  /** Runs in whose queues somebody waits who should be admitted by and by. */
  waiting(): readonly string[] {
    return [...this.#runs].flatMap(([name, { mode, closed, line, room, admitted }]) =>
      mode === 'QUEUED' && !closed && (line.length > admitted || room !== undefined) ? [name] : [],
    );
  }
}
