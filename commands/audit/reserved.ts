// What is reserved of the limits of users and documents, as the audit sees it: now, and ever.

import type { TicketsReserved, UnpaidOrderEnded } from '@railhead/domain/buyer/events.ts';
import { type Buyer, evolve as evolveBuyer, newBuyer } from '@railhead/domain/buyer/fold.ts';
import { buyerCategory } from '@railhead/domain/buyer/stream.ts';
import type { JourneyReserved } from '@railhead/domain/traveller/events.ts';
import { evolve as evolveTraveller, freeTraveller, type Traveller } from '@railhead/domain/traveller/fold.ts';
import { type DayId, travellerCategory } from '@railhead/domain/traveller/stream.ts';
import type { RecordedEvent } from '../ports/event-store.ts';

/** Something that an event said, and the day of whom. */
export type Said<Data> = { readonly id: DayId; readonly data: Data };

export class Reserved {
  /** By their streams. */
  readonly travellers = new Map<string, Traveller>();
  readonly buyers = new Map<string, Buyer>();
  /** Every reservation that there ever was, by its order. */
  readonly journeys = new Map<string, Said<JourneyReserved['data']>[]>();
  readonly tickets = new Map<string, Said<TicketsReserved['data']>[]>();
  readonly endedUnpaid = new Map<string, Said<UnpaidOrderEnded['data']>[]>();

  traveller(stream: string): Traveller {
    return this.travellers.get(stream) ?? freeTraveller;
  }

  buyer(stream: string): Buyer {
    return this.buyers.get(stream) ?? newBuyer;
  }

  /** False if it is about something else. */
  fold(event: RecordedEvent): boolean {
    const { stream } = event;
    if (travellerCategory.owns(event)) {
      this.travellers.set(stream, evolveTraveller(this.traveller(stream), event));
      if (event.type === 'JourneyReserved') add(this.journeys, travellerCategory.idOf(stream), event.data);
      return true;
    }
    if (!buyerCategory.owns(event)) return false;
    this.buyers.set(stream, evolveBuyer(this.buyer(stream), event));
    const id = buyerCategory.idOf(stream);
    if (event.type === 'TicketsReserved') add(this.tickets, id, event.data);
    if (event.type === 'UnpaidOrderEnded') add(this.endedUnpaid, id, event.data);
    return true;
  }
}

const add = <Data extends { readonly orderNo: string }>(
  said: Map<string, Said<Data>[]>,
  id: DayId,
  data: Data,
): void => {
  const known = said.get(data.orderNo);
  if (known === undefined) said.set(data.orderNo, [{ id, data }]);
  else known.push({ id, data });
};
