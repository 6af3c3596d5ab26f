// Queries that are only answered while the rows of their model may be shown.
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { ProjectionRunner } from './projection-runner.ts';

/** What feeds a model, as far as it says whether the model may be shown. */
export type Shown = Pick<ProjectionRunner, 'name' | 'unreadable'>;

/** Throws where nobody may be answered from the model. */
export const assertReadable = ({ name, unreadable }: Shown): void => {
  if (unreadable !== undefined)
    throw new EventStoreError('STORE_UNAVAILABLE', `the read model ${name} cannot be shown: ${unreadable}`);
};

/** After a question has failed: the queries of the rows that are read by now, where others are; else undefined. */
export type Instead<Queries> = (error: unknown) => Promise<Queries | undefined>;

/**
 * The same queries, each of which throws in place of an answer that may not be given, and is asked once more where other
 * rows are read by the time at which it fails.
 */
export const readable = <Queries>(
  queries: Queries,
  shown: Shown,
  instead: Instead<Queries> = async () => undefined,
): Queries => {
  if (typeof queries !== 'object' || queries === null) return queries;
  const bound = new Map<string | symbol, unknown>();
  return new Proxy(queries, {
    get(target, name) {
      assertReadable(shown);
      const known = bound.get(name);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const method = (...asked: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(value, target, asked);
        if (!(answer instanceof Promise)) return answer;
        return answer.catch(async (error: unknown) => {
          const others = await instead(error);
          const again: unknown =
            typeof others === 'object' && others !== null ? Reflect.get(others, name, others) : undefined;
          if (typeof again !== 'function') throw error;
          return Reflect.apply(again, others, asked);
        });
      };
      bound.set(name, method);
      return method;
    },
  });
};
