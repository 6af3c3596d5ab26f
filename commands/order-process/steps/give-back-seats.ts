// Frees the seats of tickets that were given back. The tickets are void already, so nobody travels on a seat that is sold
// again.
import { type OrderStep, stepMeta } from '../order-step.ts';

const KIND = 'giveBackSeats';

export const giveBackSeats: OrderStep = {
  kind: KIND,
  due: ({ order: { refunds }, seatsGivenBack }) =>
    refunds
      .filter(({ isDone, refundNo }) => !isDone && !seatsGivenBack.includes(refundNo))
      .map(({ refundNo }) => ({ key: refundNo })),
  run: async (context) => {
    const { deps, current, key: refundNo } = context;
    const { order } = current();
    const { request, orderNo, seatClass, refunds } = order;
    const refund = refunds.find((known) => known.refundNo === refundNo);
    if (request === undefined || seatClass === undefined || refund === undefined) return undefined;
    const travellers = refund.items.map(({ itemNo }) => itemNo - 1);
    const meta = stepMeta(context, `${KIND}/${refundNo}`);
    const operation = { kind: 'giveBack', orderNo, travellers, reason: 'REFUNDED', meta } as const;
    const outcome = await deps.pool.submit({ ...request, seatClass }, operation);
    // Not held: the run was cancelled meanwhile, and all seats of the order are free.
    if (!outcome.ok && outcome.refusal.code !== 'LOCK_NOT_HELD')
      throw new Error(`${outcome.refusal.code}: ${outcome.refusal.detail}`);
    return { seatsGivenBack: [...current().seatsGivenBack, refundNo] };
  },
};
