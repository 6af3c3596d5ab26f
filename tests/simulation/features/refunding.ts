// A traveller gives tickets back, some or all, once or again, also twice at once and after the train has left.
import { refundTickets } from '@railhead/commands/orders/refund-tickets.ts';
import { REFUND_TABLE } from '@railhead/domain/refund/fees.ts';
import { placeAndWait, registerPayment } from './buying.ts';
import type { Feature } from './feature.ts';

export const refunding: Feature = {
  name: 'refunding',
  acts: [5, 40],
  async act(world, dice) {
    const order = await placeAndWait(world, dice);
    if (order === undefined) return;
    const paymentNo = await registerPayment(world, dice, order);
    if (paymentNo === undefined) return;
    world.payAtGateway(paymentNo, 'paid');
    const { orderNo, userId } = order;
    const giveBack = (itemNos: readonly number[] | undefined, key: string): Promise<unknown> =>
      world.insist(dice, `refund ${key} of ${orderNo}`, ({ store, clock, runs }) =>
        refundTickets(
          { store, clock, runs, table: REFUND_TABLE },
          {
            orderNo,
            userId,
            idempotencyKey: key,
            correlationId: userId,
            ...(itemNos === undefined ? {} : { itemNos }),
          },
        ),
      );
    for (const key of ['first', 'second']) {
      await world.sleep(dice.next() * (dice.chance(0.2) ? 600_000 : 20_000));
      const some = dice.chance(0.5) ? [dice.between(1, 3)] : undefined;
      await Promise.all(
        dice.chance(0.3) ? [giveBack(some, key), giveBack(some, `${key} again`)] : [giveBack(some, key)],
      );
    }
  },
};
