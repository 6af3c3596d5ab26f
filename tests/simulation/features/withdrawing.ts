// An operator withdraws seats or a whole coach, on a part of the way or all of it, and may return them.
import { returnSeats, withdrawSeats } from '@railhead/commands/inventory/withdraw-seats.ts';
import { seatsOfCoach } from '@railhead/domain/train-run/composition.ts';
import { inventoryDeps } from '../world/node.ts';
import { stationOf } from '../world/plan.ts';
import type { Feature } from './feature.ts';

export const withdrawing: Feature = {
  name: 'withdrawing',
  acts: [1, 8],
  async act(world, dice) {
    const run = dice.pick(world.plan.trains);
    const coach = dice.pick(run.composition);
    const from = dice.between(0, run.stops - 2);
    const way = { from: stationOf(from), to: stationOf(dice.between(from + 1, run.stops - 1)) };
    const who = { train: run.train, date: world.date, operator: 'op', correlationId: dice.seed };
    const command = {
      ...who,
      coach: coach.coach,
      reason: 'broken',
      idempotencyKey: dice.seed,
      ...(dice.chance(0.5) ? { seats: [dice.pick(seatsOfCoach(coach)).seat] } : {}),
      ...(dice.chance(0.5) ? way : {}),
    };
    const withdrawn = await world.insist(dice, `withdraw seats of ${coach.coach}`, (parts) =>
      withdrawSeats(inventoryDeps(parts), command),
    );
    if (withdrawn?.ok !== true || dice.chance(0.3)) return;
    await world.sleep(dice.next() * 120_000);
    const { withdrawalNo } = withdrawn.value;
    await world.insist(dice, `return ${withdrawalNo}`, (parts) =>
      returnSeats(inventoryDeps(parts), { ...who, idempotencyKey: `${dice.seed}/return`, withdrawalNo }),
    );
  },
};
