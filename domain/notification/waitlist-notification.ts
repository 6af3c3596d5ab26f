// What somebody who waits for seats must hear: that they wait, that they have seats, or that they get none and what comes
// back. What becomes of the order after that, the order tells.
import { type Fen, sumFen } from '../kernel/money.ts';
import type { WaitlistEvent } from '../waitlist/events.ts';
import { faresIn, servedLine, type Waitlist } from '../waitlist/fold.ts';
import type { NotificationRequested } from './notification.ts';

type Told = Pick<NotificationRequested, 'kind' | 'amountFen' | 'detail'>;

/** `waitlist` is as it is after the event. Undefined: nobody has to hear of it. Of several choices it names the first. */
export const waitlistNotificationOf = (waitlist: Waitlist, event: WaitlistEvent): NotificationRequested | undefined => {
  const { request, served } = waitlist;
  const choice = request?.choices[served?.choice ?? 0];
  const told = toldOf(waitlist, event);
  if (request === undefined || choice === undefined || told === undefined) return undefined;
  const { waitlistNo: orderNo, userId, currency } = request;
  const { train, date, fromStation: from, toStation: to, seatClass } = choice;
  return {
    orderNo,
    userId,
    train,
    date,
    from,
    to,
    seatClass: served?.seatClass ?? seatClass,
    currency,
    items: [],
    ...told,
  };
};

const toldOf = (waitlist: Waitlist, event: WaitlistEvent): Told | undefined => {
  const { request, paymentNo } = waitlist;
  switch (event.type) {
    case 'WaitlistPrepaid':
      return { kind: 'WAITLIST_WAITING', amountFen: event.data.amountFen };
    case 'WaitlistSeatsLocked':
      return { kind: 'WAITLIST_SERVED', detail: servedLine(waitlist) ?? '' };
    case 'WaitlistFailed': {
      const { reason } = event.data;
      return paymentNo === undefined || request === undefined
        ? { kind: 'WAITLIST_FAILED', detail: reason }
        : { kind: 'WAITLIST_FAILED', detail: reason, amountFen: request.prepayFen };
    }
    case 'WaitlistServed': {
      const restFen = (request?.prepayFen ?? 0) - priceFen(waitlist);
      return restFen > 0 ? { kind: 'PREPAYMENT_REST_BACK', amountFen: restFen } : undefined;
    }
    case 'WaitlistSubmitted':
    case 'WaitlistOrderPlaced':
      return undefined;
  }
};

/** What the tickets cost by which it was served. */
const priceFen = ({ request, served }: Pick<Waitlist, 'request' | 'served'>): Fen => {
  const of = request?.choices[served?.choice ?? -1];
  if (of === undefined || served === undefined) return request?.prepayFen ?? 0;
  return sumFen(faresIn({ of, seatClass: served.seatClass }));
};
