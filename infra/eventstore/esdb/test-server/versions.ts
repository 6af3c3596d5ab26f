// What the versions of EventStoreDB do differently, where a client notices it. Seen on real servers.
import { status as Code } from '@grpc/grpc-js';

export const SERVER_VERSIONS = ['23.10', '24.2'] as const;
/** Each stands for the versions up to the next: 24.2 also for 24.10. */
export type ServerVersion = (typeof SERVER_VERSIONS)[number];

export type Behaviour = {
  /** The version that it reports. */
  readonly reports: string;
  /**
   * A filtered subscription that began at the start and reaches the end of the log without a match is told a checkpoint
   * of (-1,-1), which is 2^64-1.
   */
  readonly checkpointBeforeFirstMatch: boolean;
  /**
   * What happens to a live subscription for which more than `LIVE_BUFFER` events come at once. `ends`: it is ended as
   * too slow (ABORTED). `fallsBehind`: it says so, reads the log, and says again when it has caught up.
   */
  readonly burst: 'ends' | 'fallsBehind';
  /** The status of a read or a subscription from a position where no event begins. */
  readonly noEventThere: Code;
  /** A subscription from beyond the end is sent what is written next, also if that stands before its position. */
  readonly sendsBelowStart: boolean;
};

/** Events that a server keeps for a live subscription that has not taken them. */
export const LIVE_BUFFER = 32;

export const BEHAVIOURS: Readonly<Record<ServerVersion, Behaviour>> = {
  '23.10': {
    reports: '23.10.0',
    checkpointBeforeFirstMatch: false,
    burst: 'ends',
    noEventThere: Code.UNKNOWN,
    sendsBelowStart: true,
  },
  '24.2': {
    reports: '24.2.0',
    checkpointBeforeFirstMatch: true,
    burst: 'fallsBehind',
    noEventThere: Code.INVALID_ARGUMENT,
    sendsBelowStart: false,
  },
};
