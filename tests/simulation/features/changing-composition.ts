// An operator changes the composition: coaches are withdrawn, added and returned. All of it happens, or nothing.
import { changeComposition } from '@railhead/commands/inventory/change-composition.ts';
import { load } from '@railhead/commands/streams/load.ts';
import type { Coach, Composition } from '@railhead/domain/train-run/composition.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import type { Dice } from '../kernel/dice.ts';
import { inventoryDeps } from '../world/node.ts';
import type { Feature } from './feature.ts';

const newCoach = (dice: Dice): Coach => ({
  // Beside the numbers of coaches that are only added.
  coach: `N${dice.between(1, 99)}`,
  seatClass: dice.pick(['first', 'second'] as const),
  layout: { kind: 'rows', rows: dice.between(1, 2), letters: 'AC' },
});

export const changingComposition: Feature = {
  name: 'changingComposition',
  acts: [2, 6],
  likelihood: 0.3,
  async act(world, dice) {
    const { train } = dice.pick(world.plan.trains);
    const { date } = world;
    const { state: run } = await load(world.log.store, runCategory, { train, date });
    const known: Composition = run.status === 'absent' ? [] : run.composition;
    const coaches = [
      // Coaches that came late are sold late, so they may still be empty.
      ...known.filter(({ coach }) => dice.chance(coach.startsWith('N') ? 0.4 : 0.8)),
      ...(dice.chance(0.7) || known.length === 0 ? [newCoach(dice)] : []),
    ];
    const command = {
      coaches,
      reason: 'another set',
      train,
      date,
      operator: `op${dice.between(1, 3)}`,
      correlationId: dice.seed,
      idempotencyKey: dice.seed,
    };
    const answer = await world.insist(dice, `change the coaches of ${train}`, (parts) =>
      changeComposition(inventoryDeps(parts), command),
    );
    if (answer !== undefined) world.composed({ ...command, known, isDone: answer.ok });
  },
};
