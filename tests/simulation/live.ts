// Lets a world live through its day, with all the features there are.
import { featureNamed } from './features/all.ts';
import { Dice } from './kernel/dice.ts';
import type { World } from './world/world.ts';

/** Throws a `Violation`, or whatever else went wrong. */
export const live = (world: World): Promise<void> =>
  world.live(({ feature, seed }) => featureNamed(feature).act(world, new Dice(seed)));
