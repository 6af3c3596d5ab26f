// A traveller never pays: the seats are free again when the time to pay is over.
import { placeAndWait, registerPayment } from './buying.ts';
import type { Feature } from './feature.ts';

export const leavingUnpaid: Feature = {
  name: 'leavingUnpaid',
  acts: [5, 30],
  async act(world, dice) {
    const order = await placeAndWait(world, dice);
    if (order !== undefined && dice.chance(0.3)) await registerPayment(world, dice, order);
  },
};
