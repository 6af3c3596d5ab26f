// A process is asked to stop while travellers wait at it: it answers them first, saves its place, and another one begins.
import type { Feature } from './feature.ts';

export const stopping: Feature = {
  name: 'stopping',
  acts: [1, 3],
  async act(world, dice) {
    const node = dice.pick(world.nodes);
    world.count();
    await world.stop(node);
  },
};
