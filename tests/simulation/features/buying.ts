// What every traveller does: place an order, repeat it if there is no answer, wait for seats, create a payment.
import { loadOrder } from '@railhead/commands/orders/load-order.ts';
import { placeOrder } from '@railhead/commands/orders/place-order.ts';
import { createPayment } from '@railhead/commands/payments/create-payment.ts';
import type { Passenger } from '@railhead/domain/order/events.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import type { Dice } from '../kernel/dice.ts';
import { paymentDeps, placeDeps } from '../world/node.ts';
import { stationOf } from '../world/plan.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';

export type PlacedOrder = { readonly orderNo: string; readonly userId: string };

const WAIT_MS = 8_000;
const PARTIES = [1, 1, 1, 2, 2, 3, 5];
const WANTS = [undefined, undefined, 'window', 'aisle', 'A', 'F'];

const passengersOf = (dice: Dice): readonly Passenger[] =>
  Array.from({ length: dice.pick(PARTIES) }, (_, n) => {
    const wants = dice.pick(WANTS);
    // A person of their own, who never reaches a limit.
    const passenger = { name: `旅客${n}`, idType: 'passport', idNo: `${dice.seed}/${n}`, kind: 'adult' } as const;
    return wants === undefined ? passenger : { ...passenger, wants };
  });

/** Places an order, and repeats it until the outcome is known. Undefined: it was refused. */
export const place = async (world: World, dice: Dice): Promise<PlacedOrder | undefined> => {
  const run = dice.pick(world.plan.trains);
  const from = dice.between(0, run.stops - 2);
  const to = dice.between(from + 1, run.stops - 1);
  const userId = `u${dice.between(1, 40)}`;
  const command = {
    userId,
    correlationId: dice.seed,
    train: run.train,
    date: world.date,
    from: stationOf(from),
    to: stationOf(to),
    seatClass: dice.pick(run.composition).seatClass,
    passengers: passengersOf(dice),
    acceptStanding: dice.chance(0.2),
    acceptSeatChange: dice.chance(0.3),
  };
  const key = dice.seed;
  const hadLeft = world.truth.hasLeft(run.train, world.date, from);
  const asked = await world.insist(dice, `order ${key}`, (parts) =>
    placeOrder(placeDeps(parts, world.plan.queueLimit), {
      ...command,
      idempotencyKey: world.seam.idempotencyKey(key, parts.place),
    }),
  );
  if (
    asked?.ok === false &&
    asked.refusal.code === 'SALE_CLOSED' &&
    world.truth.hasLeft(run.train, world.date, from) === false
  )
    throw new Violation(
      'CLOSED_THOUGH_OPEN',
      `${run.train} has not left ${command.from}, and an order was refused for it`,
    );
  if (asked?.ok === true && hadLeft === true)
    throw new Violation('SOLD_AFTER_DEPARTURE', `${run.train} had left ${command.from}, and an order was taken`);
  if (asked === undefined || !asked.ok) return undefined;
  const { orderNo } = asked.value;
  world.requested(userId, key, orderNo);
  // An impatient traveller sends the request again.
  if (dice.chance(0.2)) {
    const again = await world.insist(dice, `order ${key} again`, (parts) =>
      placeOrder(placeDeps(parts, world.plan.queueLimit), {
        ...command,
        idempotencyKey: world.seam.idempotencyKey(key, parts.place),
      }),
    );
    if (again?.ok === true) world.requested(userId, key, again.value.orderNo);
  }
  return { orderNo, userId };
};

/** The order once it has seats; undefined if it ended without, or the traveller gave up. */
export const waitForSeats = async (world: World, { orderNo }: PlacedOrder): Promise<Order | undefined> => {
  for (let patience = 6; patience > 0; patience -= 1) {
    const decided = await world.ask(`watch ${orderNo}`, ({ watch, store }) =>
      watch.until(orderNo, WAIT_MS, async () => {
        const { order } = await loadOrder(store, orderNo);
        return order.status === 'QUEUED' ? undefined : order;
      }),
    );
    if (decided === undefined) continue;
    world.answered(decided);
    return decided.status === 'CLOSED' ? undefined : decided;
  }
  return undefined;
};

export const placeAndWait = async (world: World, dice: Dice): Promise<PlacedOrder | undefined> => {
  const order = await place(world, dice);
  return order === undefined || (await waitForSeats(world, order)) === undefined ? undefined : order;
};

/** Creates a payment; returns its number once the gateway should know it. */
export const registerPayment = async (
  world: World,
  dice: Dice,
  { orderNo, userId }: PlacedOrder,
): Promise<string | undefined> => {
  const created = await world.insist(dice, `payment of ${orderNo}`, (parts) =>
    createPayment(paymentDeps(parts), { orderNo, userId, channel: 'sandbox', correlationId: dice.seed }),
  );
  return created?.ok === true ? created.value.paymentNo : undefined;
};
