// A traveller who goes to the gateway at once and pays there when the time to pay is nearly over, or just over.
import { placeAndWait, registerPayment } from './buying.ts';
import type { Feature } from './feature.ts';

const MINUTE_MS = 60_000;

export const payingAtTheEnd: Feature = {
  name: 'payingAtTheEnd',
  acts: [5, 25],
  async act(world, dice) {
    const order = await placeAndWait(world, dice);
    if (order === undefined) return;
    const begun = world.scheduler.now;
    const paymentNo = await registerPayment(world, dice, order);
    if (paymentNo === undefined) return;
    const aroundTheEndMs = (dice.chance(0.5) ? dice.next() * 2 - 1 : dice.next() / 50) * MINUTE_MS;
    await world.sleep(
      Math.max(0, begun + world.plan.paymentMinutes * MINUTE_MS + aroundTheEndMs - world.scheduler.now),
    );
    world.payAtGateway(paymentNo, 'paid');
  },
};
