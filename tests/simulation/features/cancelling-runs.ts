// An operator cancels a run during its sale: every order is closed and every payment refunded.
import { cancelRun } from '@railhead/commands/inventory/cancel-run.ts';
import { inventoryDeps } from '../world/node.ts';
import type { Feature } from './feature.ts';

export const cancellingRuns: Feature = {
  name: 'cancellingRuns',
  acts: [1, 1],
  likelihood: 0.15,
  async act(world, dice) {
    const { train } = dice.pick(world.plan.trains);
    const who = { train, date: world.date, operator: 'op', correlationId: dice.seed, idempotencyKey: dice.seed };
    await world.insist(dice, `cancel ${train}`, (parts) =>
      cancelRun(inventoryDeps(parts), { ...who, reason: 'storm' }),
    );
  },
};
