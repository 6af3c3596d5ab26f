// The tests that mutants are tried on: those of the event stores take long, and decide only about the event stores.

/** Read by jest.mutation.config.js. */
export const TESTS_VARIABLE = 'RAILHEAD_MUTATION_TESTS';
export type TestSelection = 'stores' | 'others';

const STORES = 'infra/eventstore/';

/** Stryker's patterns, divided into the runs they need. */
export const bySelection = (
  patterns: readonly string[],
): readonly { readonly tests: TestSelection; readonly mutate: readonly string[] }[] => {
  const others = patterns.filter((pattern) => !pattern.startsWith(STORES));
  const stores = patterns.filter((pattern) => pattern.startsWith(STORES));
  if (patterns.includes('infra/**/*.ts')) stores.push(`${STORES}**/*.ts`);
  return [
    ...(others.length === 0 ? [] : [{ tests: 'others' as const, mutate: [...others, `!${STORES}**`] }]),
    ...(stores.length === 0 ? [] : [{ tests: 'stores' as const, mutate: stores }]),
  ];
};
