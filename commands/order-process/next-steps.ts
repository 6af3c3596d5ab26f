// What is still to be done for an order, derived from its events alone: a crash between two steps loses nothing.
import type { CloseReason } from '@railhead/domain/order/events.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import type { SeatClass } from '@railhead/domain/train-run/composition.ts';
import type { TrackedOrder } from './tracked-order.ts';

export type Step =
  | { readonly kind: 'assignSeats'; readonly seatClass: SeatClass }
  | { readonly kind: 'acceptPayment'; readonly paymentNo: string }
  /** Not before `at` (RFC 3339). */
  | { readonly kind: 'expire'; readonly at: string }
  | { readonly kind: 'issueTickets' }
  /** In these classes the order may have seats that it does not keep. */
  | { readonly kind: 'releaseSeats'; readonly seatClasses: readonly SeatClass[] }
  | { readonly kind: 'closeFailed' }
  | { readonly kind: 'requestRefund'; readonly paymentNo: string; readonly reason: string }
  | { readonly kind: 'refund'; readonly paymentNo: string };

/** An order closed for one of these reasons may have had seats, or been about to get them. */
export const MAY_HOLD_SEATS: readonly (CloseReason | undefined)[] = [
  'CANCELLED',
  'EXPIRED',
  'TICKETING_FAILED',
  'RUN_CANCELLED',
];

/** Steps that may run now, side by side; an order without any is finished, or waits for the outside. */
export const nextSteps = (tracked: TrackedOrder): readonly Step[] => [...orderSteps(tracked), ...paymentSteps(tracked)];

const orderSteps = ({ order, payments, seatsReleased }: TrackedOrder): readonly Step[] => {
  switch (order.status) {
    case 'QUEUED':
      return order.seatClass === undefined ? [] : [{ kind: 'assignSeats', seatClass: order.seatClass }];
    case 'WAIT_PAY': {
      const paid = Object.values(payments).find(({ payment }) => payment.status === 'SUCCEEDED');
      if (paid !== undefined) return [{ kind: 'acceptPayment', paymentNo: paid.payment.paymentNo }];
      return order.payBefore === undefined ? [] : [{ kind: 'expire', at: order.payBefore }];
    }
    case 'PAID':
    case 'TICKETING':
      return [{ kind: 'issueTickets' }];
    case 'FAIL': {
      const used = payments[order.paymentNo ?? '']?.payment.status;
      return used === 'SUCCEEDED' ? [] : [{ kind: 'closeFailed' }];
    }
    case 'CLOSED':
    case 'SUCCESS':
      return seatsReleased ? [] : releaseIn(leftClasses(order));
    default:
      return [];
  }
};

const releaseIn = (seatClasses: readonly SeatClass[]): readonly Step[] =>
  seatClasses.length === 0 ? [] : [{ kind: 'releaseSeats', seatClasses }];

/**
 * Where lock and order are not written together, somebody who had not heard may have held seats for an order that was
 * refused, or that had gone on to wait for places to stand: of every class it ever waited in, none or one is kept.
 * A class whose sale has stopped gives nothing back.
 */
const leftClasses = ({ status, request, seatClass, closeReason }: Order): readonly SeatClass[] => {
  if (closeReason === 'SALE_STOPPED') return [];
  const classes = [request?.seatClass, seatClass].filter((one) => one !== undefined);
  return [...new Set(classes)].filter((one) => status === 'CLOSED' || one !== seatClass);
};

/** Money that did not buy a ticket goes back: the order had ended, was paid already, or could not be ticketed. */
const paymentSteps = ({ order, payments }: TrackedOrder): readonly Step[] =>
  Object.values(payments).flatMap(({ payment: { paymentNo, status } }): readonly Step[] => {
    if (status === 'REFUNDING') return [{ kind: 'refund', paymentNo }];
    if (status !== 'SUCCEEDED') return [];
    switch (order.status) {
      case 'CLOSED':
        return [{ kind: 'requestRefund', paymentNo, reason: `order closed: ${order.closeReason}` }];
      case 'FAIL':
        return [{ kind: 'requestRefund', paymentNo, reason: 'tickets could not be issued' }];
      case 'PAID':
      case 'TICKETING':
      case 'SUCCESS':
        return paymentNo === order.paymentNo
          ? []
          : [{ kind: 'requestRefund', paymentNo, reason: 'order was paid already' }];
      default:
        return [];
    }
  });
