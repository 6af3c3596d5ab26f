// Frees the seats of tickets that were given back or changed. The tickets are void already, so nobody travels on a seat
// that is sold again.
import type { Order } from '@railhead/domain/order/fold.ts';
import { type OrderStep, stepMeta } from '../order-step.ts';
import { makeVoid } from '../ticketing.ts';

const KIND = 'giveBackSeats';

type VoidTickets = { readonly no: string; readonly reason: string; readonly itemNos: readonly number[] };

const voidTickets = ({ refunds, changes }: Order): readonly VoidTickets[] => [
  ...refunds
    .filter(({ isDone }) => !isDone)
    .map(({ refundNo, items }) => ({ no: refundNo, reason: 'REFUNDED', itemNos: items.map(({ itemNo }) => itemNo) })),
  ...changes
    .filter(({ status }) => status === 'CHANGED')
    .map(({ changeNo, items }) => ({ no: changeNo, reason: 'CHANGED', itemNos: items.map(({ itemNo }) => itemNo) })),
];

export const giveBackSeats: OrderStep = {
  kind: KIND,
  due: ({ order, seatsGivenBack }) =>
    voidTickets(order)
      .filter(({ no }) => !seatsGivenBack.includes(no))
      .map(({ no }) => ({ key: no })),
  run: async (context) => {
    const { deps, current, key } = context;
    const { order } = current();
    const { request, orderNo, seatClass } = order;
    const tickets = voidTickets(order).find(({ no }) => no === key);
    if (request === undefined || seatClass === undefined || tickets === undefined) return undefined;
    await makeVoid(deps, order, tickets.itemNos);
    const travellers = tickets.itemNos.map((itemNo) => itemNo - 1);
    const meta = stepMeta(context, `${KIND}/${key}`);
    const operation = { kind: 'giveBack', orderNo, travellers, reason: tickets.reason, meta } as const;
    const outcome = await deps.pool.submit({ ...request, seatClass }, operation);
    // Not held: the run was cancelled meanwhile, and all seats of the order are free.
    if (!outcome.ok && outcome.refusal.code !== 'LOCK_NOT_HELD')
      throw new Error(`${outcome.refusal.code}: ${outcome.refusal.detail}`);
    return { seatsGivenBack: [...current().seatsGivenBack, key] };
  },
};
