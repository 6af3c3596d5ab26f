// What a read model brings to the engine. The engine brings the events, the transaction and the position.

import type { EventBatch, EventStore, Position } from '@railhead/commands/ports/event-store.ts';
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import type { Lease } from './model-lease.ts';

/** The log, where a model asks it whether a stored position belongs to it. `dropped`: it does not, and the rows are gone. */
export type PositionProof = Pick<EventStore, 'fingerprintAt'> & {
  readonly dropped: (position: Position) => void;
  /** Told once of each stream that the model sets aside, when it has done so. */
  readonly setAside: (stream: string, why: string) => void;
  /** Told when what was stored of the model is not what was written: it is built again. */
  readonly damaged?: (what: string) => void;
  /** Told when a model in memory could not keep its states: the next start has more to read. */
  readonly notKept: (error: unknown) => void;
  /** Told how far a load has come that takes long, how many events it has taken since, and what keeps it from going on. */
  readonly reached?: (position: Position, events: number, failure?: string) => void;
  /** Ends a load that takes long. */
  readonly ending?: AbortSignal;
};

/** Under load, events of so many milliseconds become one batch: of `leastMs` if somebody waits for them, else of `mostMs`. */
export type Pace = { readonly leastMs: number; readonly mostMs: number };

export interface Projection {
  readonly name: string;
  /** The categories of streams that it reads. Undefined: it reads every event. */
  readonly categories: readonly string[] | undefined;
  /** Streams with an event that this version does not understand: the model takes nothing more of them. */
  readonly setAside: StreamsSetAside;
  /** For models where every batch has a cost of its own. */
  readonly pace?: Pace;
  /**
   * Does a failure of `apply` say nothing of the events: a full disk, a database that is away? Such is waited out, however
   * long it takes. Absent: the model needs nothing that may be missing.
   */
  readonly isPassing?: (error: unknown) => boolean;
  /** Why its answers cannot be had at the moment; undefined, or absent, where they can. */
  readonly outOfReach?: string | undefined;
  /**
   * Can it wait while the process is busy? Then it takes small batches, and none during a rush, unless somebody waits for a
   * position or the rush lasts for a minute.
   */
  readonly givesWay?: true;
  /** Does the process serve without it? Then it need not be ready. */
  readonly isOptional?: true;
  /** One of several with the same task: once it has been whole, the process serves without it, because the others go on. */
  readonly isPart?: true;
  /** Who feeds the model, where several processes could. It is acquired before each `load`. */
  readonly lease?: Lease;
  /**
   * The position stored with the rows; 0 for a new or volatile model. Asked before each time the log is followed. Rows
   * that this log does not bear out are dropped.
   */
  load(log: PositionProof): Promise<Position>;
  /**
   * Applies a batch and stores its position with the rows, in one transaction. If it throws, both are as before and the
   * same batch comes again. The position of a batch without events may be stored later.
   */
  apply(batch: EventBatch): Promise<void>;
  /** Throws all rows away, after `load`; the position is 0. */
  drop(): Promise<void>;
  /** Called once, after the last batch: keeps what is only in memory. */
  close?(): Promise<void>;
}
