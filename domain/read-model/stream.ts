import { category } from '../kernel/category.ts';
import type { ReadModelEvent } from './events.ts';
import { evolve, type LeftOut, nothingLeftOut } from './fold.ts';

const NAME = /^[A-Za-z]{1,32}$/;

/** One stream for each read model, by its name. */
export const readModelCategory = category<string, LeftOut, ReadModelEvent>({
  name: 'readModel',
  nameOf: (model) => model,
  parse: (name) => (NAME.test(name) ? name : undefined),
  initial: () => nothingLeftOut,
  evolve,
  versions: { StreamSetAside: 1, EventSkipped: 1, EventRetried: 1 },
});
