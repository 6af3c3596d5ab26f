// Who waits for seats of a class, first come first served; of the same time, by what was written down with the request.
// Changed in place, as the book is.
//
// Why it is as it is:
// - Whoever asks for the same journey with the same wishes, one of each traveller, is of one *kind*. If the first of a kind cannot be served,
//   none of it can, until seats come free: so a pass over thousands who wait tries few of them.
// - Who leaves is taken out of the order only when many have left: to find a place in a long list costs more.
import { type Turn, turnOf } from '../waitlist-priorities/priority.ts';
import type { JoinedWaiting } from './events.ts';

export type Waiting = JoinedWaiting &
  Turn & {
    readonly untilMs: number;
    /** The same for all with the same journey and the same wishes. */
    readonly kind: string;
  };

export type WaitingLine = {
  /** By number. */
  readonly waiting: Map<string, Waiting>;
  /** In the order in which they are served; some may have left. */
  order: Waiting[];
  isSorted: boolean;
};

export const newLine = (): WaitingLine => ({ waiting: new Map(), order: [], isSorted: true });

const kindOf = ({ from, to, wants }: JoinedWaiting): string => `${from} ${to} ${wants.join()}`;

export const joinLine = (line: WaitingLine, joined: JoinedWaiting): void => {
  const { since, until, priority } = joined;
  const waiting = { ...joined, ...turnOf(since, priority), untilMs: Date.parse(until), kind: kindOf(joined) };
  const last = line.order.at(-1);
  line.waiting.set(joined.waitlistNo, waiting);
  line.order.push(waiting);
  if (last !== undefined && compare(last, waiting) > 0) line.isSorted = false;
};

export const leaveLine = (line: WaitingLine, waitlistNo: string): void => {
  if (!line.waiting.delete(waitlistNo)) return;
  if (line.order.length > 2 * line.waiting.size + 16) line.order = line.order.filter((one) => isWaiting(line, one));
};

/** As it was: the entry of a number, or none. Only what was decided and not written is taken back. */
export const restoreLine = (line: WaitingLine, waitlistNo: string, before: Waiting | undefined): void => {
  if (before === undefined) {
    leaveLine(line, waitlistNo);
    return;
  }
  line.waiting.set(waitlistNo, before);
  if (line.order.includes(before)) return;
  line.order.push(before);
  line.isSorted = false;
};

/** Those who wait, first come first. The line may change while it is read. */
export const inOrder = (line: WaitingLine): readonly Waiting[] => {
  if (!line.isSorted) {
    line.order = line.order.filter((one) => isWaiting(line, one)).sort(compare);
    line.isSorted = true;
  }
  return line.order;
};

/** Is this entry of the order still there? Its number may have left, and come back as another entry. */
export const isWaiting = ({ waiting }: WaitingLine, one: Waiting): boolean => waiting.get(one.waitlistNo) === one;

/** Is the first one served before the second? A total order: by the time that counts, rank, exact time, and number. */
export const compare = (a: Turned, b: Turned): number =>
  a.countsFromMs - b.countsFromMs ||
  b.rank - a.rank ||
  a.sinceMs - b.sinceMs ||
  (a.waitlistNo < b.waitlistNo ? -1 : a.waitlistNo > b.waitlistNo ? 1 : 0);

type Turned = Turn & Pick<JoinedWaiting, 'waitlistNo'>;
