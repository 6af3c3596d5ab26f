// Runs the whole day of a world, with all features.
import { featureNamed } from './features/all.ts';
import { Dice } from './kernel/dice.ts';
import type { World } from './world/world.ts';

/** Throws a `Violation`, or any other failure. */
export const live = (world: World): Promise<void> =>
  world.live(({ feature, seed }) => featureNamed(feature).act(world, new Dice(seed)));
