// A feature of the simulation: what somebody does, how often, and in how many worlds. What must hold is in checks/.
import type { Dice } from '../kernel/dice.ts';
import type { World } from '../world/world.ts';

export type Feature = {
  readonly name: string;
  /** The least and the most acts in one world. */
  readonly acts: readonly [least: number, most: number];
  /** The share of worlds that have it; 0.6 by default. */
  readonly likelihood?: number;
  /** One act. Anything it throws fails the simulation, so it must catch the failures that can happen. */
  act(world: World, dice: Dice): Promise<void>;
};
