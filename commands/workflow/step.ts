// A step of a workflow as a value: when it is due, and how it is run.

/** One thing that a step has to do for a subject. `key` tells several of them apart: a payment's number, a class. */
export type Due = {
  readonly key: string;
  /** Not before this instant, ms since the epoch. */
  readonly notBeforeMs?: number;
};

export type Subject<State> = {
  readonly key: string;
  /** The present state, whenever it is called. */
  readonly current: () => State;
};

export type StepContext<State, Deps> = Subject<State> & { readonly deps: Deps };

/**
 * `due` is pure: what is still to be done follows from the state, and the state from events, so a crash loses nothing.
 * `run` may be called again at any time, so it decides on the present state. It throws to be tried again later. It
 * returns what it learned and no event tells; that becomes part of the state.
 */
export type Step<State, Deps> = {
  readonly kind: string;
  readonly due: (state: State) => readonly Due[];
  readonly run: (context: StepContext<State, Deps>) => Promise<Partial<State> | undefined>;
};

/** A step bound to its dependencies. */
export type BoundStep<State> = Pick<Step<State, never>, 'kind' | 'due'> & {
  readonly run: (subject: Subject<State>) => Promise<Partial<State> | undefined>;
};

export const bind = <State, Deps>(steps: readonly Step<State, Deps>[], deps: Deps): readonly BoundStep<State>[] =>
  steps.map(({ kind, due, run }) => ({ kind, due, run: (subject) => run({ ...subject, deps }) }));

/** Everything that is due in a state, in the order of the steps. */
export const dueSteps = <State, One extends { readonly due: (state: State) => readonly Due[] }>(
  steps: readonly One[],
  state: State,
): readonly (Due & { readonly step: One })[] => {
  const all: (Due & { readonly step: One })[] = [];
  for (const step of steps) for (const due of step.due(state)) all.push({ ...due, step });
  return all;
};

/** Unique among the steps of a subject. */
export const stepName = (kind: string, key: string): string => (key === '' ? kind : `${kind}/${key}`);
