// An operator adds a coach during the sale.
import { addCoaches } from '@railhead/commands/inventory/add-coaches.ts';
import { inventoryDeps } from '../world/node.ts';
import type { Feature } from './feature.ts';

export const addingCoaches: Feature = {
  name: 'addingCoaches',
  acts: [1, 3],
  async act(world, dice) {
    const { train } = dice.pick(world.plan.trains);
    const coach = {
      coach: String(dice.between(10, 99)),
      seatClass: dice.pick(['first', 'second'] as const),
      layout: { kind: 'rows', rows: dice.between(1, 2), letters: 'AC' },
      ...(dice.chance(0.3) ? { standing: 2 } : {}),
    } as const;
    const who = { train, date: world.date, operator: 'op', correlationId: dice.seed, idempotencyKey: dice.seed };
    await world.insist(dice, `add coach ${coach.coach}`, (parts) =>
      addCoaches(inventoryDeps(parts), { ...who, coaches: [coach] }),
    );
  },
};
