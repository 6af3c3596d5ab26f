// A waitlist request as its user sees it, with personal data masked.
import { maskPassenger } from '@railhead/commands/orders/masking.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { Passenger } from '@railhead/domain/order/events.ts';
import type { WaitlistFailReason } from '@railhead/domain/waitlist/events.ts';
import type { ServedBy, Waitlist, WaitlistStatus } from '@railhead/domain/waitlist/fold.ts';

export type ChoiceView = {
  readonly train: string;
  readonly date: string;
  readonly from: { readonly code: string; readonly name: string };
  readonly to: { readonly code: string; readonly name: string };
  readonly seatClass: SeatClass;
  readonly until: string;
  /** Stop sequence numbers. */
  readonly stops: { readonly from: number; readonly to: number };
};

export type WaitlistView = {
  readonly waitlistNo: string;
  readonly userId: string;
  readonly status: Exclude<WaitlistStatus, 'ABSENT'>;
  readonly prepaid: boolean;
  readonly submittedAt: string;
  readonly prepayFen: number;
  readonly currency: string;
  readonly payBefore: string;
  readonly deadline: string;
  readonly acceptStanding: boolean;
  readonly passengers: readonly Passenger[];
  readonly choices: readonly ChoiceView[];
  readonly served?: Pick<ServedBy, 'choice' | 'seatClass'>;
  /** Of the order that it has become. */
  readonly orderNo?: string;
  readonly reason?: WaitlistFailReason;
};

/** Undefined before it was submitted. */
export const waitlistView = ({
  status,
  request,
  submittedAt,
  paymentNo,
  served,
  failReason,
}: Waitlist): WaitlistView | undefined => {
  if (request === undefined || status === 'ABSENT') return undefined;
  const { waitlistNo, userId, prepayFen, currency, payBefore, deadline, acceptStanding } = request;
  const choices = request.choices.map(({ train, date, from, to, fromStation, toStation, seatClass, until }) => ({
    ...{ train, date, from: fromStation, to: toStation, seatClass, until, stops: { from, to } },
  }));
  return {
    ...{ waitlistNo, userId, status, prepaid: paymentNo !== undefined, submittedAt },
    ...{ prepayFen, currency, payBefore, deadline, acceptStanding },
    passengers: request.passengers.map(maskPassenger),
    choices,
    ...(served === undefined
      ? {}
      : { served: { choice: served.choice, seatClass: served.seatClass }, orderNo: waitlistNo }),
    ...(failReason === undefined ? {} : { reason: failReason }),
  };
};
