import { category } from '../kernel/category.ts';
import type { ReplayEvent } from './events.ts';
import { evolve, type Generations, onlyTheFirst } from './fold.ts';

const NAME = /^[A-Za-z]{1,32}$/;

/** One stream for each read model, by its name. */
export const replayCategory = category<string, Generations, ReplayEvent>({
  name: 'replay',
  nameOf: (model) => model,
  parse: (name) => (NAME.test(name) ? name : undefined),
  initial: () => onlyTheFirst,
  evolve,
  versions: {
    ReplayStarted: 1,
    ReplayPaused: 1,
    ReplayResumed: 1,
    ReplayThrottled: 1,
    GenerationVerified: 1,
    VerificationFailed: 1,
    ModelSwapped: 1,
    ModelRolledBack: 1,
    GenerationDropped: 1,
  },
});
