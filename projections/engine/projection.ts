// What a read model brings to the engine. The engine brings the events, the transaction and the position.
import type { EventBatch, Position } from '@railhead/commands/ports/event-store.ts';

export interface Projection {
  readonly name: string;
  /** Categories of streams it reads. */
  readonly categories: readonly string[];
  /** Where a batch costs something however small it is: under load, what comes within so many milliseconds is one. */
  readonly paceMs?: number;
  /** The position stored with the rows; 0 for a new or volatile model. */
  load(): Promise<Position>;
  /**
   * Applies a batch and stores its position with the rows, in one transaction. Throwing leaves both as they were; the
   * same batch comes again. The position of a batch without events may be stored with a later one.
   */
  apply(batch: EventBatch): Promise<void>;
}
