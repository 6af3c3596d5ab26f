// A traveller changes tickets to another train, class or destination, some or all, also twice at once; pays the
// difference, declines it, cancels or walks away; and may give the new tickets back.
import { cancelOrder } from '@railhead/commands/orders/cancel-order.ts';
import { type ChangeTickets, changeTickets } from '@railhead/commands/orders/change-tickets.ts';
import { loadOrder } from '@railhead/commands/orders/load-order.ts';
import { refundTickets } from '@railhead/commands/orders/refund-tickets.ts';
import { changeTable } from '@railhead/domain/change/fees.ts';
import { REFUND_TABLE } from '@railhead/domain/refund/fees.ts';
import type { Dice } from '../kernel/dice.ts';
import { placeDeps } from '../world/node.ts';
import { stationOf } from '../world/plan.ts';
import type { World } from '../world/world.ts';
import { type PlacedOrder, placeAndWait, registerPayment, waitForSeats } from './buying.ts';
import type { Feature } from './feature.ts';

const CHANGES = changeTable(REFUND_TABLE);

export const changingTickets: Feature = {
  name: 'changingTickets',
  acts: [5, 40],
  async act(world, dice) {
    const order = await placeAndWait(world, dice);
    if (order === undefined) return;
    const paymentNo = await registerPayment(world, dice, order);
    if (paymentNo === undefined) return;
    world.payAtGateway(paymentNo, 'paid');
    await world.sleep(dice.next() * 20_000);
    const tickets = await world.ask(`look at ${order.orderNo}`, ({ store }) => loadOrder(store, order.orderNo));
    const from = tickets?.order.request?.from;
    if (from === undefined) return;
    const keys = dice.chance(0.3) ? ['first', 'again'] : ['first'];
    const asked = await Promise.all(keys.map((key) => change(world, dice, order, from, key)));
    for (const newOrderNo of asked) if (newOrderNo !== undefined) await follow(world, dice, order, newOrderNo);
  },
};

/** The number of the new order; undefined if the change was refused. */
const change = async (
  world: World,
  dice: Dice,
  { orderNo, userId }: PlacedOrder,
  from: number,
  key: string,
): Promise<string | undefined> => {
  const run = dice.pick(world.plan.trains);
  const to = dice.between(1, run.stops - 1);
  const some = dice.chance(0.4) ? [dice.between(1, 2)] : undefined;
  const command: ChangeTickets = {
    orderNo,
    userId,
    train: run.train,
    date: world.date,
    from: stationOf(from),
    to: stationOf(to),
    seatClass: dice.pick(run.composition).seatClass,
    idempotencyKey: key,
    correlationId: dice.seed,
    ...(some === undefined ? {} : { itemNos: some }),
  };
  const answer = await world.insist(dice, `change ${key} of ${orderNo}`, (parts) => {
    const { unpaid, ...deps } = placeDeps(parts, world.plan.queueLimit);
    return changeTickets({ ...deps, unpaid, changes: CHANGES }, command);
  });
  return answer?.ok === true ? answer.value.change.newOrderNo : undefined;
};

const follow = async (
  world: World,
  dice: Dice,
  { orderNo: earlier, userId }: PlacedOrder,
  orderNo: string,
): Promise<void> => {
  const order = { orderNo, userId };
  const held = await waitForSeats(world, order);
  if (held?.status === 'WAIT_PAY') {
    if (dice.chance(0.15)) return;
    if (dice.chance(0.15)) {
      await world.insist(dice, `cancel ${orderNo}`, ({ store, clock, reservations }) =>
        cancelOrder({ store, clock, reservations }, { orderNo, userId, correlationId: dice.seed }),
      );
      return;
    }
    const paymentNo = await registerPayment(world, dice, order);
    if (paymentNo !== undefined) world.payAtGateway(paymentNo, dice.chance(0.9) ? 'paid' : 'declined');
  }
  await world.sleep(dice.next() * 20_000);
  for (const given of [orderNo, earlier])
    if (dice.chance(0.3))
      await world.insist(dice, `refund of ${given}`, ({ store, clock, runs }) =>
        refundTickets(
          { store, clock, runs: world.seam.feeRuns(runs, store), table: REFUND_TABLE },
          { orderNo: given, userId, idempotencyKey: 'after', correlationId: userId },
        ),
      );
};
