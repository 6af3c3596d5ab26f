// Is there a sequence in which all these operations can have happened? The search of Wing and Gong with Lowe's memory,
// as in porcupine: operations that overlap in time may be taken in any order, others only in their own.

/** It may have taken effect between `callMs` and `returnMs`. Without an end it may still come, or never. */
export type Timed<Op> = { readonly op: Op; readonly callMs: number; readonly returnMs: number };

export type Model<State, Op> = {
  readonly initial: State;
  /** The state after the operation, or undefined where it cannot have happened. */
  apply(state: State, op: Op): State | undefined;
  key(state: State): string;
};

/** The most overlapping operations; a wider history is accepted without a search. */
const MAX_OPERATIONS = 400;

export const isLinearizable = <State, Op>(model: Model<State, Op>, history: readonly Timed<Op>[]): boolean => {
  if (history.length > MAX_OPERATIONS) return true;
  const operations = [...history].sort((a, b) => a.callMs - b.callMs);
  const tried = new Set<string>();
  const done = new Array<boolean>(operations.length).fill(false);
  const search = (state: State): boolean => {
    // The earliest end of those not placed yet limits which may come next.
    let firstEnd = Number.POSITIVE_INFINITY;
    for (const [index, { returnMs }] of operations.entries()) if (!done[index]) firstEnd = Math.min(firstEnd, returnMs);
    if (firstEnd === Number.POSITIVE_INFINITY) return true;
    const seen = `${done.map(Number).join('')}/${model.key(state)}`;
    if (tried.has(seen)) return false;
    tried.add(seen);
    for (const [index, { op, callMs }] of operations.entries()) {
      if (done[index] || callMs > firstEnd) continue;
      const next = model.apply(state, op);
      if (next === undefined) continue;
      done[index] = true;
      if (search(next)) return true;
      done[index] = false;
    }
    return false;
  };
  return search(model.initial);
};
