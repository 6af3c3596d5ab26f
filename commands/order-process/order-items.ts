// An order's items from the seats of a plan, named as on the coach.
import type { Fen } from '@railhead/domain/kernel/money.ts';
import type { OrderItem } from '@railhead/domain/order/events.ts';
import { type Leg, NO_SEAT } from '@railhead/domain/seat-lock/plan.ts';
import type { Stop } from '@railhead/domain/timetable/timetable.ts';
import type { Seat } from '@railhead/domain/train-run/composition.ts';

/** One item for each fare, without a seat for a traveller who gave the ticket back: the seat of the first leg, and each later seat with the stop where it begins. */
export const itemsOf = (
  legs: readonly Leg[],
  faresFen: readonly Fen[],
  { seats, stops }: { readonly seats: readonly Seat[]; readonly stops: readonly Stop[] },
): readonly OrderItem[] =>
  faresFen.map((fareFen, index) => {
    if (legs[0]?.seats[index] === NO_SEAT) return { itemNo: index + 1, fareFen };
    const [first, ...changes] = legs.map((leg) => {
      const seat = seats[leg.seats[index] ?? -1];
      if (seat === undefined) throw new Error(`the plan names no seat for passenger ${index + 1}`);
      return { at: stops[leg.from]?.code ?? '', coach: seat.coach, seat: seat.seat };
    });
    if (first === undefined) throw new Error('the plan has no legs');
    const item = { itemNo: index + 1, coach: first.coach, seat: first.seat, fareFen };
    // If only other passengers of the party change seats at a stop, this one has no change there.
    const real = changes.filter(({ coach, seat }, at) => {
      const before = at === 0 ? first : changes[at - 1];
      return coach !== before?.coach || seat !== before.seat;
    });
    return real.length === 0 ? item : { ...item, changes: real };
  });
