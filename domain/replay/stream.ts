import { category } from '../kernel/category.ts';
import type { ReplayEvent } from './events.ts';
import { evolve, type Generations, onlyTheFirst } from './fold.ts';

/** Where a model is spread over databases, each of them has the name of its layout and its number after it. */
export const MODEL_NAME = /^[A-Za-z]{1,32}(@[a-z0-9_]{1,32}\.\d{1,4})?$/;

/** One stream for each read model, by its name; a stream's name has a colon in place of the mark. */
export const replayCategory = category<string, Generations, ReplayEvent>({
  name: 'replay',
  nameOf: (model) => model.replace('@', ':'),
  parse: (name) => {
    const model = name.replace(':', '@');
    return MODEL_NAME.test(model) && !name.includes('@') ? model : undefined;
  },
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
