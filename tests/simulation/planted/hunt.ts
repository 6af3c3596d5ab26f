// Plants one bug after another and counts the seeds until the simulation finds it. This proves that it finds bugs.
import { runSeed } from '../run-seed.ts';
import { UNTOUCHED } from '../world/seam.ts';
import { PLANTED, type PlantedBug } from './bugs.ts';

export type Hunted = Pick<PlantedBug, 'name' | 'about' | 'within'> & {
  /** Seeds that were run; the last one failed. */
  readonly seeds: number;
  /** The code of the violation; undefined if the bug was not found. */
  readonly code: string | undefined;
};

export const hunt = async ({ name, about, within, seam }: PlantedBug): Promise<Hunted> => {
  for (let seed = 1; seed <= within; seed += 1) {
    // A bug may remember things; each world gets its own.
    const { failure } = await runSeed(seed, { ...UNTOUCHED, ...seam() });
    if (failure !== undefined) return { name, about, within, seeds: seed, code: failure.code };
  }
  return { name, about, within, seeds: within, code: undefined };
};

/** Those that must be found within so many seeds. */
export async function* huntPlanted(most: number): AsyncIterable<Hunted> {
  for (const bug of PLANTED) if (bug.within <= most) yield await hunt(bug);
}
