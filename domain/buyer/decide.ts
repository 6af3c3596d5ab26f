// A user has so many tickets for a train and run date, and so many unpaid orders that end on a day.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { BuyerEvent, ReplacedTickets, TicketsReserved, UnpaidOrderEnded } from './events.ts';
import type { Buyer, ReservedTickets } from './fold.ts';

export type BuyerCommand =
  | ({ readonly type: 'Reserve' } & TicketsReserved['data'])
  | { readonly type: 'Release'; readonly orderNo: string; readonly itemNos: readonly number[] }
  | ({ readonly type: 'EndUnpaid' } & UnpaidOrderEnded['data']);

export type BuyerRefusal = 'LIMIT_TRAIN' | 'ORDER_DIFFERS';

/** A refusal names in `blockers` the tickets that are counted. */
export const decide = (buyer: Buyer, command: BuyerCommand): Decision<BuyerEvent, BuyerRefusal> => {
  const { orderNo } = command;
  const own = buyer.reserved.find((one) => one.orderNo === orderNo);
  switch (command.type) {
    case 'Reserve': {
      const { type: _, replaces, ...data } = command;
      if (own !== undefined && !isSame(own, data))
        return refuse('ORDER_DIFFERS', `order ${orderNo} has other tickets reserved`);
      const others = buyer.reserved.filter((one) => one !== own && one.train === data.train);
      const replaced = replacedAmong(others, replaces);
      const exchanged = replaced === undefined ? [] : [replaced];
      const blockers = others.filter((one) => valid(one, others, exchanged).length > 0);
      const tickets = blockers.reduce((sum, one) => sum + valid(one, others, exchanged).length, 0);
      if (tickets + data.itemNos.length > data.limit)
        return refuse(
          'LIMIT_TRAIN',
          `you have ${tickets} tickets for ${data.train} on that date; ${data.limit} are allowed`,
          { blockers, tickets, limit: data.limit },
        );
      const reserved = replaced === undefined ? data : { ...data, replaces: replaced };
      return emit({ type: 'TicketsReserved', version: 1, data: reserved });
    }
    case 'Release': {
      const itemNos = own?.itemNos.filter((itemNo) => command.itemNos.includes(itemNo)) ?? [];
      return itemNos.length === 0
        ? unchanged
        : emit({ type: 'TicketsReleased', version: 1, data: { orderNo, itemNos } });
    }
    case 'EndUnpaid': {
      if (buyer.endedUnpaid.includes(orderNo)) return unchanged;
      return emit({ type: 'UnpaidOrderEnded', version: 1, data: { orderNo, reason: command.reason } });
    }
  }
};

/** The tickets of `one` that count: those that `others` are to replace count there. */
const valid = (
  { orderNo, itemNos }: ReservedTickets,
  others: readonly ReservedTickets[],
  exchanged: readonly ReplacedTickets[],
): readonly number[] => {
  const replaced = [...others.flatMap(({ replaces }) => (replaces === undefined ? [] : [replaces])), ...exchanged];
  const gone = replaced.filter((one) => one.orderNo === orderNo).flatMap((one) => one.itemNos);
  return itemNos.filter((itemNo) => !gone.includes(itemNo));
};

/** Of the tickets to be replaced, those that are reserved here; undefined where there are none. */
const replacedAmong = (
  reserved: readonly ReservedTickets[],
  replaces: ReplacedTickets | undefined,
): ReplacedTickets | undefined => {
  const there = reserved.find(({ orderNo }) => orderNo === replaces?.orderNo)?.itemNos ?? [];
  const itemNos = there.filter((itemNo) => replaces?.itemNos.includes(itemNo));
  return replaces === undefined || itemNos.length === 0 ? undefined : { orderNo: replaces.orderNo, itemNos };
};

type Asked = Pick<ReservedTickets, 'requestMark' | 'train' | 'itemNos'>;

const isSame = (own: ReservedTickets, { requestMark, train, itemNos }: Asked): boolean =>
  own.requestMark === requestMark && own.train === train && own.itemNos.join() === itemNos.join();
