// How a moment is told beside what is shown of it, on the command line and over HTTP alike.
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import { type NamedEvent, named } from './changes.ts';
import type { ThingDiff } from './diff-thing.ts';
import type { Moment } from './moment.ts';
import type { PastState } from './past-kind.ts';

export type ToldMoment = Moment & {
  /** The last event that is in what is shown. */
  readonly lastEvent?: NamedEvent;
  /** Streams that this version does not understand to their end: what they say from there on is not shown. */
  readonly setAside: readonly ToldStream[];
};
export type ToldStream = { readonly stream: string; readonly why: string };

export const toldStreams = (setAside: StreamsSetAside): readonly ToldStream[] =>
  [...setAside].map(([stream, why]) => ({ stream, why }));

export const told = <Shown extends object>({
  moment,
  shown,
  last,
  setAside,
}: PastState<Shown>): Shown & { readonly moment: ToldMoment } => ({
  ...shown,
  moment: {
    ...moment,
    ...(last === undefined ? {} : { lastEvent: named(last) }),
    setAside: toldStreams(setAside),
  },
});

export type ToldDiff = Omit<ThingDiff, 'setAside'> & {
  readonly from: Moment;
  readonly to: Moment;
  readonly setAside: readonly ToldStream[];
};

export const toldDiff = (
  { from, to }: { readonly from: Moment; readonly to: Moment },
  { setAside, ...diff }: ThingDiff,
): ToldDiff => ({ from, to, ...diff, setAside: toldStreams(setAside) });
