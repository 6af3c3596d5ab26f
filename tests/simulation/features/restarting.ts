// Operations: read models are restarted during the day, and processes are replaced.
import type { Feature } from './feature.ts';

export const restarting: Feature = {
  name: 'restarting',
  acts: [1, 5],
  async act(world, dice) {
    const node = dice.pick(world.nodes);
    world.count();
    if (dice.chance(0.5)) await node.restartModels();
    else world.replace(node);
  },
};
