// Every upcaster there is. An event whose shape changes gets a new version in its union and an entry here.
import type { Upcaster } from '../eventstore/upcasting-store.ts';

/** The offset at the end of an RFC 3339 timestamp: `+08:00`. */
const OFFSET_LENGTH = 6;

export const UPCASTERS: readonly Upcaster[] = [
  {
    type: 'TrainRunOpened',
    from: 1,
    // Version 1 knew only one fixed offset for the whole railway; the event's own timestamp was written with it.
    lift: (data, { at }) => ({ ...(data as object), zone: at.slice(-OFFSET_LENGTH) }), // data of every version is an object
  },
];
