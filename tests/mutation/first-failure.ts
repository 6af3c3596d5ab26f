// Jest's environment as Stryker needs it. While mutants run, no test of a file runs after one that failed: the mutant is
// noticed. In the run without mutants it notes which mutants a file's tests reach.
import { createRequire } from 'node:module';
import type { Circus } from '@jest/types';
import type { TestEnvironment } from 'jest-environment-node';
import { isTrial, note } from './reached.ts';

/** It has no types of its own: Jest's environment for Node with Stryker's counters in it. */
const Environment: typeof TestEnvironment = createRequire(import.meta.url)(
  '@stryker-mutator/jest-runner/jest-env/node',
);

/** How often each mutant was reached, by its id. */
type Counts = Readonly<Record<string, number>>;
type Coverage = { readonly static: Counts; readonly perTest: Readonly<Record<string, Counts>> };

export default class FirstFailure extends Environment {
  /** Set by Stryker; Jest calls it for everything that happens. */
  declare handleTestEvent?: Circus.EventHandler;
  readonly #testPath: string;
  readonly #startedMs = Date.now();
  readonly #before: ReadonlyMap<string, number>;
  #failed = false;

  constructor(...[config, context]: ConstructorParameters<typeof TestEnvironment>) {
    super(config, context);
    this.#testPath = context.testPath;
    this.#before = this.#reached();
    const counting = this.handleTestEvent;
    this.handleTestEvent = async (event: Circus.Event, state: Circus.State): Promise<void> => {
      if (event.name === 'test_start' && this.#failed && !isTrial()) event.test.mode = 'skip';
      if (event.name === 'test_done' && event.test.errors.length > 0) this.#failed = true;
      await counting?.call(this, event as never, state); // Safe cast: one of the two signatures takes each event.
    };
  }

  override async teardown(): Promise<void> {
    if (isTrial()) {
      const mutants = [...this.#reached()].filter(([id, count]) => count !== this.#before.get(id)).map(([id]) => id);
      note({ file: this.#testPath, ms: Date.now() - this.#startedMs, mutants });
    }
    await super.teardown();
  }

  /** Stryker counts for all test files together: outside of any test, and for each test. */
  #reached(): ReadonlyMap<string, number> {
    const { mutantCoverage } = (this.global as { __stryker__?: { mutantCoverage?: Coverage } }).__stryker__ ?? {}; // Stryker's
    const reached = new Map<string, number>();
    for (const counts of [mutantCoverage?.static ?? {}, ...Object.values(mutantCoverage?.perTest ?? {})])
      for (const [id, count] of Object.entries(counts)) reached.set(id, (reached.get(id) ?? 0) + count);
    return reached;
  }
}
