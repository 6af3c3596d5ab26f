// What a read model gives the engine. The engine gives it events, a transaction and its position.
import type { EventBatch, Position } from '@railhead/commands/ports/event-store.ts';

export interface Projection {
  readonly name: string;
  /** The categories of streams that it reads. */
  readonly categories: readonly string[];
  /**
   * For models where every batch has a cost of its own: under load, events of so many milliseconds become one batch.
   */
  readonly paceMs?: number;
  /** The position stored with the rows; 0 for a new model or one in memory. */
  load(): Promise<Position>;
  /**
   * Applies a batch and stores its position with the rows, in one transaction. If it throws, both are as before and the
   * same batch comes again. The position of a batch without events may be stored later.
   */
  apply(batch: EventBatch): Promise<void>;
}
