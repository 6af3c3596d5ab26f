// A few users buy for a few documents, again and again and several at once, on trains that meet in time, also across
// midnight: until they have all that they may have. They pay, cancel, walk away, give back and change.
import { cancelOrder } from '@railhead/commands/orders/cancel-order.ts';
import { changeTickets } from '@railhead/commands/orders/change-tickets.ts';
import { placeOrder } from '@railhead/commands/orders/place-order.ts';
import { refundTickets } from '@railhead/commands/orders/refund-tickets.ts';
import { changeTable } from '@railhead/domain/change/fees.ts';
import { REFUND_TABLE } from '@railhead/domain/refund/fees.ts';
import type { Dice } from '../kernel/dice.ts';
import { placeDeps } from '../world/node.ts';
import { type LimitsPlan, type RunPlan, stationOf } from '../world/plan.ts';
import type { World } from '../world/world.ts';
import { type PlacedOrder, registerPayment, waitForSeats } from './buying.ts';
import type { Feature } from './feature.ts';

const USERS = 6;
const DOCUMENTS = 8;
const AT_ONCE = [1, 1, 2, 5];
const CHANGES = changeTable(REFUND_TABLE);

export const reachingLimits: Feature = {
  name: 'reachingLimits',
  acts: [10, 50],
  likelihood: 0.4,
  async act(world, dice) {
    const { limits } = world.plan;
    if (limits === undefined) return;
    const orders = Array.from({ length: dice.pick(AT_ONCE) }, (_, n) => live(world, limits, dice.fork(`order ${n}`)));
    await Promise.all(orders);
  },
};

const live = async (world: World, limits: LimitsPlan, dice: Dice): Promise<void> => {
  const order = await place(world, limits, dice);
  if (order === undefined || (await waitForSeats(world, order)) === undefined) return;
  if (dice.chance(0.15)) return;
  if (dice.chance(0.2)) return cancel(world, dice, order);
  await pay(world, dice, order);
  await world.sleep(dice.next() * 30_000);
  if (dice.chance(0.4)) await giveBack(world, dice, order);
  else if (dice.chance(0.6)) await change(world, limits, dice, order);
};

/** A train on its day, and two of its stops. */
const journeyOf = (world: World, { trains, nextDay }: LimitsPlan, dice: Dice) => {
  const [runs, date]: readonly [readonly RunPlan[], string] = dice.chance(0.6)
    ? [trains, world.date]
    : [nextDay, world.nextDate];
  const run = dice.pick(runs);
  const from = dice.between(0, run.stops - 2);
  const to = dice.between(from + 1, run.stops - 1);
  return { train: run.train, date, from: stationOf(from), to: stationOf(to), seatClass: 'second' as const };
};

const place = async (world: World, limits: LimitsPlan, dice: Dice): Promise<PlacedOrder | undefined> => {
  const userId = `v${dice.between(1, USERS)}`;
  const first = dice.between(1, DOCUMENTS);
  const people = Array.from({ length: dice.pick([1, 1, 2]) }, (_, n) => `V${((first + n) % DOCUMENTS) + 1}`);
  const command = {
    ...journeyOf(world, limits, dice),
    userId,
    correlationId: dice.seed,
    idempotencyKey: dice.seed,
    passengers: people.map((idNo) => ({ name: '常旅客', idType: 'passport', idNo, kind: 'adult' }) as const),
    acceptStanding: false,
    acceptSeatChange: false,
  };
  const asked = await world.insist(dice, `order ${dice.seed}`, (parts) =>
    placeOrder(placeDeps(parts, world.plan.queueLimit), command),
  );
  if (asked?.ok !== true) return undefined;
  const { orderNo } = asked.value;
  world.requested(userId, dice.seed, orderNo);
  return { orderNo, userId };
};

const cancel = async (world: World, dice: Dice, { orderNo, userId }: PlacedOrder): Promise<void> => {
  await world.insist(dice, `cancel ${orderNo}`, ({ store, clock, reservations }) =>
    cancelOrder({ store, clock, reservations }, { orderNo, userId, correlationId: dice.seed }),
  );
};

const pay = async (world: World, dice: Dice, order: PlacedOrder): Promise<void> => {
  const paymentNo = await registerPayment(world, dice, order);
  if (paymentNo !== undefined) world.payAtGateway(paymentNo, dice.chance(0.95) ? 'paid' : 'declined');
};

/** All tickets, or the first. */
const giveBack = async (world: World, dice: Dice, { orderNo, userId }: PlacedOrder): Promise<void> => {
  const some = dice.chance(0.5) ? { itemNos: [1] } : {};
  await world.insist(dice, `refund of ${orderNo}`, ({ store, clock, runs }) =>
    refundTickets(
      { store, clock, runs: world.seam.feeRuns(runs, store), table: REFUND_TABLE },
      { orderNo, userId, idempotencyKey: 'back', correlationId: dice.seed, ...some },
    ),
  );
};

const change = async (
  world: World,
  limits: LimitsPlan,
  dice: Dice,
  { orderNo, userId }: PlacedOrder,
): Promise<void> => {
  const from = world.truth.orders.get(orderNo)?.request.from ?? 0;
  const wanted = { ...journeyOf(world, limits, dice), from: stationOf(from), to: stationOf(from + 1) };
  const some = dice.chance(0.5) ? { itemNos: [1] } : {};
  const changed = await world.insist(dice, `change of ${orderNo}`, (parts) => {
    const { unpaid, ...deps } = placeDeps(parts, world.plan.queueLimit);
    const command = { ...wanted, ...some, orderNo, userId, idempotencyKey: 'other', correlationId: dice.seed };
    return changeTickets({ ...deps, unpaid, changes: CHANGES }, command);
  });
  if (changed?.ok !== true) return;
  const order = { orderNo: changed.value.change.newOrderNo, userId };
  const held = await waitForSeats(world, order);
  if (held?.status === 'WAIT_PAY' && dice.chance(0.8)) await pay(world, dice, order);
};
