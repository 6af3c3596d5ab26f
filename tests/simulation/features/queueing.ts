// A run has a queue: people join, some of them again and again, wait, order by their places, some twice at the same moment.
// Operators begin, pause and open it, and put off the sale, so that there is a waiting room.
import { placeOrder } from '@railhead/commands/orders/place-order.ts';
import { joinQueue } from '@railhead/commands/queue/join-queue.ts';
import { placeOfToken, type TokenPlace } from '@railhead/commands/queue/place-token.ts';
import { QueueGate } from '@railhead/commands/queue/queue-gate.ts';
import { standingIn } from '@railhead/commands/queue/queue-standing.ts';
import { setQueueMode } from '@railhead/commands/queue/set-queue-mode.ts';
import { setSaleOpenings } from '@railhead/commands/sale-openings/set-sale-openings.ts';
import { NamedInTimetable } from '@railhead/commands/timetable/named-in-timetable.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import type { Dice } from '../kernel/dice.ts';
import { type Parts, placeDeps, SALE_DAYS } from '../world/node.ts';
import { stationOf } from '../world/plan.ts';
import type { World } from '../world/world.ts';
import { registerPayment, waitForSeats } from './buying.ts';
import type { Feature } from './feature.ts';

const USERS = 12;
const TOKEN_SECRET = 'a-secret-of-tokens';
const LONGEST_SLEEP_MS = 15_000;
const PATIENCE = 12;
const LONGEST_PUT_OFF_MS = 3 * 60_000;

export const queueing: Feature = {
  name: 'queueing',
  acts: [20, 90],
  likelihood: 0.4,
  async act(world, dice) {
    const what = dice.next();
    if (what < 0.1) await operate(world, dice);
    else if (what < 0.16) await putOff(world, dice);
    else await travel(world, dice);
  },
};

const runOf = (world: World) => ({ train: world.plan.trains[0]?.train ?? '', date: world.date });

const operate = async (world: World, dice: Dice): Promise<void> => {
  const mode = dice.pick(['QUEUED', 'QUEUED', 'QUEUED', 'PAUSED', 'OPEN'] as const);
  const rate = dice.chance(0.3) ? { ratePerSecond: dice.pick([0.2, 1, 5]) } : {};
  const who = { ...runOf(world), operator: 'op', correlationId: dice.seed, idempotencyKey: dice.seed };
  await world.insist(dice, `queue ${mode}`, ({ runs, queues, clock }) =>
    setQueueMode({ runs, queues, clock }, { ...who, mode, ...rate }),
  );
};

/** The sale of the run opens later, or at once after all. */
const putOff = async (world: World, dice: Dice): Promise<void> => {
  const laterMs = dice.chance(0.7) ? dice.next() * LONGEST_PUT_OFF_MS : undefined;
  await world.insist(dice, 'the sale is put off', ({ store, clock, openings }) => {
    const runs =
      laterMs === undefined ? [] : [{ ...runOf(world), opensAt: clock.zone.timestamp(clock.now() + laterMs) }];
    return setSaleOpenings(
      { store, clock, openings, timetable: new NamedInTimetable(store) },
      {
        allowUnknown: false,
        openings: { runs, days: [], stations: [] },
        operator: 'op',
        idempotencyKey: dice.seed,
        correlationId: dice.seed,
      },
    );
  });
};

const saleWindowOf = ({ openings }: Parts) => ({ days: SALE_DAYS, openings });

const travel = async (world: World, dice: Dice): Promise<void> => {
  const userId = `q${dice.between(1, USERS)}`;
  const joined = await world.insist(dice, `${userId} joins`, (parts) => {
    const { store, clock, runs, queues } = parts;
    const deps = { store, clock, runs, queues, saleWindow: saleWindowOf(parts), tokenSecret: TOKEN_SECRET };
    return joinQueue(deps, { ...runOf(world), userId });
  });
  if (joined?.ok !== true) return;
  const { queueToken } = joined.value;
  const place = placeOfToken(queueToken, TOKEN_SECRET);
  if (place === undefined) return;
  if (place.place > 0) world.truth.queues.assertHas(runName(place), place.place, place.user);
  if (dice.chance(0.1) || !(await waits(world, dice, place))) return;
  const orders = dice.chance(0.3) ? 2 : 1;
  await Promise.all(
    Array.from({ length: orders }, (_, n) => order(world, dice.fork(`order ${n}`), { userId, queueToken, place })),
  );
};

/** False: there was no end to it, or it was good for nothing. */
const waits = async (world: World, dice: Dice, place: TokenPlace): Promise<boolean> => {
  for (let patience = PATIENCE; patience > 0; patience -= 1) {
    const standing = await world.insist(dice, 'the place', async ({ queues, clock }) => ({
      now: standingIn(await queues.line(place), place, clock.now()),
    }));
    const phase = standing?.now?.phase;
    if (phase === 'ADMITTED') {
      if (place.place > 0) world.truth.queues.assertAdmitted(runName(place), place.place);
      return true;
    }
    if (phase === 'CLOSED') return false;
    await world.sleep(dice.next() * LONGEST_SLEEP_MS);
  }
  return false;
};

type Entering = { readonly userId: string; readonly queueToken: string; readonly place: TokenPlace };

const order = async (world: World, dice: Dice, { userId, queueToken, place }: Entering): Promise<void> => {
  const stops = world.plan.trains[0]?.stops ?? 2;
  const from = dice.between(0, stops - 2);
  const command = {
    ...runOf(world),
    userId,
    correlationId: dice.seed,
    idempotencyKey: dice.seed,
    from: stationOf(from),
    to: stationOf(dice.between(from + 1, stops - 1)),
    seatClass: 'second' as const,
    passengers: [{ name: '排队', idType: 'passport', idNo: dice.seed, kind: 'adult' } as const],
    acceptStanding: false,
    acceptSeatChange: false,
    queueToken,
  };
  let wasQueued = false;
  const placed = await world.insist(dice, `order ${dice.seed} by its place`, async (parts) => {
    // The attempt before may have found a queue that is open now.
    wasQueued = false;
    const { clock, queues } = parts;
    const gate = new QueueGate({ clock, queues, tokenSecret: TOKEN_SECRET, noteRequest: () => {} });
    // Told apart, since a run without a queue takes orders without places.
    const watched = {
      isOpen: (run: { readonly train: string; readonly date: string }) => gate.isOpen(run),
      enter: async (asked: Parameters<QueueGate['enter']>[0]) => {
        const entered = await gate.enter(asked);
        wasQueued = entered.ok && entered.value !== undefined;
        return entered;
      },
    };
    return placeOrder(
      { ...placeDeps(parts, world.plan.queueLimit), saleWindow: saleWindowOf(parts), gate: watched },
      command,
    );
  });
  if (placed?.ok !== true) return;
  const { orderNo, repeated } = placed.value;
  world.requested(userId, dice.seed, orderNo);
  if (wasQueued && !repeated) world.truth.queues.assertUsed(runName(place), place.place, orderNo);
  if ((await waitForSeats(world, { orderNo, userId })) === undefined || dice.chance(0.5)) return;
  const paymentNo = await registerPayment(world, dice, { orderNo, userId });
  if (paymentNo !== undefined) world.payAtGateway(paymentNo, 'paid');
};
