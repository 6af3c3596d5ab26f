// A Jest runner for mutants: only the test files that reach a mutant, the nearest first, and none after one that failed.
// Stryker by itself loads every test file that imports the mutated one, and goes on after a failure.
import type { Config } from '@jest/types';
import jestRunner, { type Test, type TestRunnerContext, type TestRunnerOptions, type TestWatcher } from 'jest-runner';
import { filesInOrder } from './order.ts';
import { activeMutant, notes } from './reached.ts';

// Safe cast: the types are those of the CommonJS module, whose default export is what the ES module's is.
const Runner = jestRunner as unknown as typeof jestRunner.default;

export default class NearestFirst extends Runner {
  /** What Stryker hands to Jest: the mutated file. */
  readonly #mutatedFile: string;

  constructor(globalConfig: Config.GlobalConfig, context: TestRunnerContext) {
    super(globalConfig, context);
    this.#mutatedFile = globalConfig.nonFlagArgs[0] ?? '';
  }

  override async runTests(tests: Array<Test>, watcher: TestWatcher, options: TestRunnerOptions): Promise<void> {
    const mutant = activeMutant();
    if (mutant === undefined) return super.runTests(tests, watcher, options);
    let noticed = false;
    const notice = (): void => {
      noticed = true;
    };
    const stops = [
      this.on('test-file-failure', notice),
      this.on('test-file-success', ([, { numFailingTests, testExecError }]) => {
        if (numFailingTests > 0 || testExecError !== undefined) notice();
      }),
    ];
    for (const file of filesInOrder(notes(), mutant, this.#mutatedFile)) {
      const test = tests.find(({ path }) => path === file);
      if (test !== undefined) await super.runTests([test], watcher, options);
      if (noticed) break;
    }
    for (const stop of stops) stop();
  }
}
