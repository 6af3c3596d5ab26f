import type { Recorded } from '../kernel/event.ts';
import type { QueuePlaceEvent, QueuePlaceUsed } from './events.ts';

export type QueuePlace = { readonly use?: QueuePlaceUsed['data'] };

export const unusedPlace: QueuePlace = {};

export const evolve = (place: QueuePlace, { type, data }: Recorded<QueuePlaceEvent>): QueuePlace => {
  switch (type) {
    case 'QueuePlaceUsed':
      return { use: data };
    case 'QueuePlaceReturned':
      return place.use?.orderNo === data.orderNo ? unusedPlace : place;
  }
};
