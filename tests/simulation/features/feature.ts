// How a feature joins the simulation: what somebody does with it, how often, and what must hold afterwards.
import type { Dice } from '../kernel/dice.ts';
import type { World } from '../world/world.ts';

export type Feature = {
  readonly name: string;
  /** Acts of one world, least and most. */
  readonly acts: readonly [least: number, most: number];
  /** In how many of the worlds; six of ten unless told. */
  readonly likelihood?: number;
  /** One act. Whatever it throws is a failure of the simulation, so what may go wrong is caught here. */
  act(world: World, dice: Dice): Promise<void>;
};
