// Makes a failing world smaller: everything is removed without which it still fails. The rest is short to read.
import { runPlan } from './run-seed.ts';
import { FAULT_NAMES } from './world/faults.ts';
import type { Plan } from './world/plan.ts';
import type { Seam } from './world/seam.ts';

/** Worlds tried, at most. */
const MAX_TRIES = 400;

export type Shrunk = { readonly plan: Plan; readonly tries: number };

/** The smallest world found that still fails with the same code. */
export const shrink = async (
  plan: Plan,
  code: string,
  seam?: Seam,
  onSmaller: (smaller: Plan) => void = () => {},
): Promise<Shrunk> => {
  let smallest = plan;
  let tries = 0;
  const accept = async (candidate: Plan): Promise<boolean> => {
    if (tries >= MAX_TRIES) return false;
    tries += 1;
    const { failure } = await runPlan(candidate, seam);
    if (failure?.code !== code) return false;
    smallest = candidate;
    onSmaller(candidate);
    return true;
  };
  for (let before: Plan | undefined; before !== smallest && tries < MAX_TRIES; ) {
    before = smallest;
    await dropActs(() => smallest, accept);
    for (const name of FAULT_NAMES)
      if (smallest.faults[name] > 0) await accept({ ...smallest, faults: { ...smallest.faults, [name]: 0 } });
    for (const simpler of simplerThan(smallest)) await accept({ ...smallest, ...simpler });
  }
  return { plan: smallest, tries };
};

/** Halves first, then quarters, down to single acts. */
const dropActs = async (current: () => Plan, accept: (plan: Plan) => Promise<boolean>): Promise<void> => {
  for (let size = Math.ceil(current().acts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let start = 0; start < current().acts.length; ) {
      const { acts } = current();
      const without = [...acts.slice(0, start), ...acts.slice(start + size)];
      if (!(await accept({ ...current(), acts: without }))) start += size;
    }
};

const simplerThan = ({
  nodes,
  trains,
  lagMs,
  inOrder,
  embedded,
  sharedReads,
  issuer,
  lastsMs,
  acts,
}: Plan): readonly Partial<Plan>[] => [
  ...(nodes > 1 ? [{ nodes: 1 }] : []),
  ...(trains.length > 1 ? [{ trains: trains.slice(0, 1) }] : []),
  ...(lagMs > 0 ? [{ lagMs: 0 }] : []),
  ...(inOrder ? [] : [{ inOrder: true }]),
  ...(issuer === true ? [{ issuer: false }] : []),
  ...(sharedReads === true ? [{ sharedReads: false }] : []),
  ...(embedded === true ? [{ embedded: false }] : []),
  ...(trains.some(({ leaves }) => leaves !== undefined)
    ? [{ trains: trains.map(({ leaves: _, ...run }) => run) }]
    : []),
  ...(lastsMs > 60_000 ? [{ lastsMs: Math.max(60_000, ...acts.map(({ atMs }) => atMs + 1_000)) }] : []),
];
