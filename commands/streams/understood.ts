// Does this version of Railhead understand an event? A newer one may have written it.
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { stationCategory, trainCategory } from '@railhead/domain/timetable/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { EventStoreError, type RecordedEvent } from '../ports/event-store.ts';

const CATEGORIES = [
  runCategory,
  segmentCategory,
  lockBookCategory,
  orderCategory,
  paymentCategory,
  stationCategory,
  trainCategory,
] as const;

/** Streams with an event that this version does not understand, and what it is. Nothing more of them is taken. */
export type StreamsSetAside = ReadonlyMap<string, string>;

type Told = Pick<RecordedEvent, 'stream' | 'type' | 'version' | 'position'>;

/** What is strange about an event, for people; undefined where nothing is, or where nobody folds its stream. */
export const strangenessOf = (event: Told): string | undefined => {
  const strange = CATEGORIES.find(({ holds }) => holds(event))?.strangeness(event);
  return strange === undefined ? undefined : describe(event);
};

const describe = ({ type, version, position }: Pick<RecordedEvent, 'type' | 'version' | 'position'>): string =>
  `${type} version ${version} at position ${position}`;

/** Nothing is decided on a part of a stream. */
export class NotUnderstood extends EventStoreError {
  readonly stream: string;
  /** As `strangenessOf` says it. */
  readonly strangeness: string;
  constructor(event: Told) {
    super('EVENT_NOT_UNDERSTOOD', `this version does not understand ${describe(event)} of ${event.stream}`);
    this.stream = event.stream;
    this.strangeness = describe(event);
  }
}
