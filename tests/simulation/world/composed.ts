import type { ChangeComposition } from '@railhead/commands/inventory/change-composition.ts';
import type { Composition } from '@railhead/domain/train-run/composition.ts';

/** What an operator asked for and was told; `known` are the coaches there were. */
export type Composed = ChangeComposition & {
  readonly known: Composition;
  readonly isDone: boolean;
};
