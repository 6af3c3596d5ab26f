// The usual traveller: orders, waits for seats, pays at once or late.
import { placeAndWait, registerPayment } from './buying.ts';
import type { Feature } from './feature.ts';

const LATEST_MS = 18 * 60_000;

export const paying: Feature = {
  name: 'paying',
  acts: [40, 110],
  likelihood: 1,
  async act(world, dice) {
    const order = await placeAndWait(world, dice);
    if (order === undefined) return;
    await world.sleep(dice.chance(0.1) ? dice.next() * LATEST_MS : dice.next() * 3_000);
    const paymentNo = await registerPayment(world, dice, order);
    if (paymentNo !== undefined) world.payAtGateway(paymentNo, 'paid');
  },
};
