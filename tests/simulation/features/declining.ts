// A payer whose card is declined, and who tries again: at the gateway's page, or with a new payment.
import { placeAndWait, registerPayment } from './buying.ts';
import type { Feature } from './feature.ts';

export const declining: Feature = {
  name: 'declining',
  acts: [5, 25],
  async act(world, dice) {
    const order = await placeAndWait(world, dice);
    if (order === undefined) return;
    for (let card = dice.between(1, 3); card > 0; card -= 1) {
      const paymentNo = await registerPayment(world, dice, order);
      if (paymentNo === undefined) return;
      world.payAtGateway(paymentNo, 'declined');
      await world.sleep(dice.next() * 20_000);
      if (dice.chance(0.3)) world.payAtGateway(paymentNo, 'paid');
    }
    const paymentNo = await registerPayment(world, dice, order);
    if (paymentNo !== undefined) world.payAtGateway(paymentNo, 'paid');
  },
};
