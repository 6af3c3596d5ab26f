// A traveller gives tickets back, some or all, once or again, also twice at once and after the train has left.
import { refundTickets } from '@railhead/commands/orders/refund-tickets.ts';
import { REFUND_TABLE } from '@railhead/domain/refund/fees.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';
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
    const giveBack = async (itemNos: readonly number[] | undefined, key: string): Promise<void> => {
      const answer = await world.insist(dice, `refund ${key} of ${orderNo}`, ({ store, clock, runs }) =>
        refundTickets(
          { store, clock, runs: world.seam.feeRuns(runs, store), table: REFUND_TABLE },
          {
            orderNo,
            userId,
            idempotencyKey: key,
            correlationId: userId,
            ...(itemNos === undefined ? {} : { itemNos }),
          },
        ),
      );
      if (answer?.ok === false && answer.refusal.detail.includes(' has left ')) assertHasLeft(world, orderNo);
    };
    for (const key of ['first', 'second']) {
      await world.sleep(dice.next() * (dice.chance(0.2) ? 600_000 : 20_000));
      const some = dice.chance(0.5) ? [dice.between(1, 3)] : undefined;
      await Promise.all(
        dice.chance(0.3) ? [giveBack(some, key), giveBack(some, `${key} again`)] : [giveBack(some, key)],
      );
    }
  },
};

const assertHasLeft = ({ truth }: World, orderNo: string): void => {
  const request = truth.orders.get(orderNo)?.request;
  if (request !== undefined && truth.hasLeft(request.train, request.date, request.from) === false)
    throw new Violation('NO_REFUND', `order ${orderNo}: its train has not left stop ${request.from}`);
};
