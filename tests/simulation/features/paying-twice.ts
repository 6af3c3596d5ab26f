// Two members of a family pay for the same order, each on their own telephone.
import { placeAndWait, registerPayment } from './buying.ts';
import type { Feature } from './feature.ts';

export const payingTwice: Feature = {
  name: 'payingTwice',
  acts: [3, 15],
  async act(world, dice) {
    const order = await placeAndWait(world, dice);
    if (order === undefined) return;
    const first = await registerPayment(world, dice, order);
    if (first === undefined) return;
    // The first payment is declined and makes room for a second; then both are paid.
    world.payAtGateway(first, 'declined');
    await world.sleep(dice.next() * 5_000);
    const second = await registerPayment(world, dice, order);
    const paid = [first, ...(second === undefined ? [] : [second])];
    for (const paymentNo of dice.chance(0.5) ? paid : paid.reverse()) {
      world.payAtGateway(paymentNo, 'paid');
      await world.sleep(dice.next() * 2_000);
    }
  },
};
