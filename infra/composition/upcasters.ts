// All upcasters. An event whose shape changes gets a new version in its union and an entry here.
import type { Upcaster } from '../eventstore/upcasting-store.ts';

/** The offset at the end of an RFC 3339 timestamp: `+08:00`. */
const OFFSET_LENGTH = 6;

export const UPCASTERS: readonly Upcaster[] = [
  {
    type: 'TrainRunOpened',
    from: 1,
    // Version 1 had no zone: the railway had one fixed offset. The timestamp of the event has that offset.
    lift: (data, { at }) => ({ ...(data as object), zone: at.slice(-OFFSET_LENGTH) }), // safe cast: the data of every version is an object
  },
];
