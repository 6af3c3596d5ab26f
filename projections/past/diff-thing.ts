// What changed of one thing between two moments.
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import { accept, type Result } from '@railhead/domain/kernel/decision.ts';
import { type Change, Changes } from './changes.ts';
import type { Moment } from './moment.ts';
import { absentAt, type PastKind } from './past-kind.ts';
import { eachEvent, type PastLog } from './past-log.ts';

export type ThingDiff = {
  /** Events of it between the two moments. */
  readonly events: number;
  readonly changes: readonly Change[];
  /** So many changes more are not in the list. */
  readonly leftOut: number;
  readonly setAside: StreamsSetAside;
};

export type AskedDiff = {
  readonly from: Moment;
  readonly to: Moment;
  /** Changes in the list. */
  readonly limit: number;
};

/** Of what began between the two, every value is a change. */
export const diffThing = async <Id, Shown, Code extends string>(
  kind: PastKind<Id, Shown, Code>,
  log: PastLog,
  id: Id,
  { from, to, limit }: AskedDiff,
): Promise<Result<ThingDiff, Code | 'NOT_YET'>> => {
  const { events, fold } = await kind.read(log, id, to.position);
  const changes = new Changes();
  let between = 0;
  await eachEvent(log, events, (event) => {
    if (event.position <= from.position) {
      fold.add(event);
      return;
    }
    const before = fold.leaves(event);
    fold.add(event);
    changes.note(before, fold.leaves(event), event);
    between += 1;
  });
  if (fold.shown === undefined) return absentAt(kind, log, id, to);
  const { list } = changes;
  return accept({
    events: between,
    changes: list.slice(0, limit),
    leftOut: Math.max(0, list.length - limit),
    setAside: fold.setAside,
  });
};
