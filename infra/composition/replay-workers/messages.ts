// What a thread that builds a part of a model is told, and what it tells.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { Pacing } from '@railhead/projections/engine/generations/replay-pace.ts';
import type { ModelPart } from '@railhead/projections/engine/read-model.ts';

export type WorkerTask = {
  /** Name of the model, and which of its generations is built. */
  readonly model: string;
  readonly generation: number;
  readonly part: ModelPart;
  /** The file of the log. */
  readonly log: string;
  readonly until: Position;
  /** The address of the database server. */
  readonly database: string;
  readonly zone: string;
  readonly pacing: WorkerPacing;
};

/** `isBusy`: has the process that serves no time to spare? */
export type WorkerPacing = Pacing & { readonly isBusy: boolean };

export type ToWorker = WorkerPacing | 'end';

/** `events`: taken since it was told last. */
export type FromWorker =
  | { readonly kind: 'reached'; readonly position: Position; readonly events: number; readonly failure?: string }
  | { readonly kind: 'whole' }
  | { readonly kind: 'outdated' }
  | { readonly kind: 'stuck'; readonly why: string };
