// A traveller cancels: before there are seats, after, or while paying.
import { cancelOrder } from '@railhead/commands/orders/cancel-order.ts';
import { place, registerPayment, waitForSeats } from './buying.ts';
import type { Feature } from './feature.ts';

export const cancelling: Feature = {
  name: 'cancelling',
  acts: [5, 40],
  async act(world, dice) {
    const order = await place(world, dice);
    if (order === undefined) return;
    if (dice.chance(0.6) && (await waitForSeats(world, order)) === undefined) return;
    const { orderNo, userId } = order;
    const cancel = (): Promise<unknown> =>
      world.insist(dice, `cancel ${orderNo}`, ({ store, clock, reservations }) =>
        cancelOrder({ store, clock, reservations }, { orderNo, userId, correlationId: userId }),
      );
    await world.sleep(dice.next() * 3_000);
    if (!dice.chance(0.3)) {
      await cancel();
      return;
    }
    const paymentNo = await registerPayment(world, dice, order);
    if (paymentNo !== undefined && dice.chance(0.7)) world.payAtGateway(paymentNo, 'paid');
    await cancel();
    if (paymentNo !== undefined) world.payAtGateway(paymentNo, 'paid');
  },
};
