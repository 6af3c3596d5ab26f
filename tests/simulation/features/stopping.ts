// A process is stopped while travellers wait: it answers them, saves its checkpoint, and another one starts.
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
