// Somebody waits for seats: on one journey or on several, prepays or does not, asks again, gives up, or takes what comes.

import { timestampOf } from '@railhead/commands/ports/clock.ts';
import { giveUpWaitlist } from '@railhead/commands/waitlist/give-up-waitlist.ts';
import { prepayWaitlist } from '@railhead/commands/waitlist/prepay-waitlist.ts';
import { submitWaitlist } from '@railhead/commands/waitlist/submit-waitlist.ts';
import type { Dice } from '../kernel/dice.ts';
import { paymentDeps, submitDeps } from '../world/node.ts';
import { levelOf, stationOf } from '../world/plan.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';
import type { Feature } from './feature.ts';

const MINUTE_MS = 60_000;

export const waiting: Feature = {
  name: 'waiting',
  acts: [5, 50],
  likelihood: 0.6,
  async act(world, dice) {
    const asked = await submitted(world, dice);
    if (asked === undefined) return;
    const { waitlistNo, userId } = asked;
    await world.sleep(dice.next() * 5_000);
    if (dice.chance(0.1)) return;
    const paid = await world.insist(dice, `prepayment of ${waitlistNo}`, (parts) =>
      prepayWaitlist(
        { ...paymentDeps(parts), runs: parts.runs },
        { waitlistNo, userId, channel: 'sandbox', correlationId: dice.seed },
      ),
    );
    if (paid?.ok === true) world.payAtGateway(paid.value.paymentNo, dice.chance(0.05) ? 'declined' : 'paid');
    if (!dice.chance(0.2)) return;
    await world.sleep(dice.next() * 60_000);
    await world.insist(dice, `giving up ${waitlistNo}`, ({ store, clock }) =>
      giveUpWaitlist({ store, clock }, { waitlistNo, userId, correlationId: dice.seed }),
    );
  },
};

const submitted = async (
  world: World,
  dice: Dice,
): Promise<{ readonly waitlistNo: string; readonly userId: string } | undefined> => {
  const userId = `w${dice.between(1, 30)}`;
  const acceptStanding = dice.chance(0.3);
  const passengers = Array.from({ length: dice.pick([1, 1, 2, 3]) }, (_, n) => ({
    ...({ name: `旅客${n}`, idType: 'passport', idNo: `${dice.seed}/${n}`, kind: 'adult' } as const),
  }));
  // Only who wants the same way can go before somebody else.
  const isWholeWay = world.plan.priorities !== undefined && dice.fork('whole way').chance(0.7);
  const choices = Array.from({ length: dice.pick([1, 1, 2, 3]) }, () => {
    const run = dice.pick(world.plan.trains);
    const from = isWholeWay ? 0 : dice.between(0, run.stops - 2);
    const to = isWholeWay ? run.stops - 1 : dice.between(from + 1, run.stops - 1);
    const { seatClass } = dice.pick(run.composition);
    return { train: run.train, date: world.date, from: stationOf(from), to: stationOf(to), seatClass };
  });
  // It ends within the day, so that everything comes to rest.
  const lastsMs = MINUTE_MS * dice.between(2, 40);
  let deadline: string | undefined;
  const ask = (): Promise<Awaited<ReturnType<typeof submitWaitlist>> | undefined> =>
    world.insist(dice, `waitlist ${dice.seed}`, (parts) => {
      deadline ??= timestampOf(parts.clock, parts.clock.now() + lastsMs);
      const memberLevel = levelOf(userId);
      const asked = { choices, passengers, deadline, acceptStanding, userId, memberLevel, correlationId: dice.seed };
      return submitWaitlist(submitDeps(parts, world.plan.paymentMinutes), { ...asked, idempotencyKey: dice.seed });
    });
  const first = await ask();
  if (first?.ok !== true) return undefined;
  const waitlistNo = first.value.waitlist.request?.waitlistNo ?? '';
  if (dice.chance(0.2)) {
    const again = await ask();
    if (again?.ok === true && again.value.waitlist.request?.waitlistNo !== waitlistNo)
      throw new Violation('KEY_TWICE', `${dice.seed} became two waitlist requests`);
  }
  return { waitlistNo, userId };
};
