// No user and no document ever had more than the limit under which it was reserved: every reservation is decided again, on
// what was reserved before it.
import { decide as decideBuyer } from '@railhead/domain/buyer/decide.ts';
import type { BuyerEvent } from '@railhead/domain/buyer/events.ts';
import type { Buyer } from '@railhead/domain/buyer/fold.ts';
import { buyerCategory } from '@railhead/domain/buyer/stream.ts';
import type { Decision } from '@railhead/domain/kernel/decision.ts';
import { decide as decideTraveller } from '@railhead/domain/traveller/decide.ts';
import type { TravellerEvent } from '@railhead/domain/traveller/events.ts';
import type { Traveller } from '@railhead/domain/traveller/fold.ts';
import { travellerCategory } from '@railhead/domain/traveller/stream.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

export const limitsHeld: PromiseOf = ({ reserved }) => {
  const found = new Violations();
  const look = (event: TravellerEvent | BuyerEvent, where: string, decided: Decision<object>): void => {
    const what = `${event.type} of order ${event.data.orderNo} in ${where}`;
    if (!decided.ok && decided.refusal.code !== 'ORDER_DIFFERS')
      found.add('LIMIT_EXCEEDED', `${what}: ${decided.refusal.detail}`);
    else if (!decided.ok || !isSame(decided.value[0], event))
      found.add('RESERVATION_BACKWARDS', `${what} does not follow from what was reserved before it`);
  };
  return {
    categories: [travellerCategory, buyerCategory],
    observe(event) {
      const where = `${event.stream} at position ${event.position}`;
      if (travellerCategory.owns(event))
        look(event, where, travellerAgain(reserved.traveller(event.stream), event, event.stream));
      else if (buyerCategory.owns(event)) look(event, where, buyerAgain(reserved.buyer(event.stream), event));
    },
    findings: () => found.list,
  };
};

const travellerAgain = (state: Traveller, event: TravellerEvent, stream: string): Decision<object> => {
  if (event.type === 'JourneyReleased') return decideTraveller(state, { type: 'Release', orderNo: event.data.orderNo });
  const { limit, mayOverlap, replaces, ...journey } = event.data;
  const item = state.journeys.find(({ orderNo }) => orderNo === replaces)?.itemNo;
  return decideTraveller(state, {
    type: 'Reserve',
    day: travellerCategory.idOf(stream).date,
    journey,
    mayOverlap: mayOverlap === true,
    ...(limit === undefined ? {} : { limit }),
    ...(replaces === undefined || item === undefined ? {} : { replaces: { orderNo: replaces, itemNos: [item] } }),
  });
};

const buyerAgain = (state: Buyer, event: BuyerEvent): Decision<object> => {
  switch (event.type) {
    case 'TicketsReserved':
      return decideBuyer(state, { type: 'Reserve', ...event.data });
    case 'TicketsReleased':
      return decideBuyer(state, { type: 'Release', ...event.data });
    case 'UnpaidOrderEnded':
      return decideBuyer(state, { type: 'EndUnpaid', ...event.data });
  }
};

/** In any order of their fields. */
const isSame = (decided: object | undefined, { type, data }: TravellerEvent | BuyerEvent): boolean => {
  if (decided === undefined) return false;
  const other = decided as TravellerEvent | BuyerEvent; // decided by these two categories
  return other.type === type && textOf(other.data) === textOf(data);
};

const textOf = (data: object): string => JSON.stringify(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
