import type { ChangeComposition } from '@railhead/commands/inventory/change-composition.ts';
import type { Composition } from '@railhead/domain/train-run/composition.ts';

/** A change of composition with its answer; `known` are the coaches before it. */
export type Composed = ChangeComposition & {
  readonly known: Composition;
  readonly isDone: boolean;
};
