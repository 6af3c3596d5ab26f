// The seats of a plan by the names on the coach: what an order shows its travellers.
import type { Fen } from '@railhead/domain/kernel/money.ts';
import type { OrderItem } from '@railhead/domain/order/events.ts';
import type { Leg } from '@railhead/domain/seat-lock/plan.ts';
import type { Stop } from '@railhead/domain/timetable/timetable.ts';
import type { Seat } from '@railhead/domain/train-run/composition.ts';

/** One item per fare: the seat of the first leg, and from which stop on another. */
export const itemsOf = (
  legs: readonly Leg[],
  faresFen: readonly Fen[],
  { seats, stops }: { readonly seats: readonly Seat[]; readonly stops: readonly Stop[] },
): readonly OrderItem[] =>
  faresFen.map((fareFen, index) => {
    const [first, ...changes] = legs.map((leg) => {
      const seat = seats[leg.seats[index] ?? -1];
      if (seat === undefined) throw new Error(`the plan names no seat for passenger ${index + 1}`);
      return { at: stops[leg.from]?.code ?? '', coach: seat.coach, seat: seat.seat };
    });
    if (first === undefined) throw new Error('the plan has no legs');
    const item = { itemNo: index + 1, coach: first.coach, seat: first.seat, fareFen };
    // A passenger whose seat stays the same where another of the party changes has nothing to do there.
    const real = changes.filter(({ coach, seat }, at) => {
      const before = at === 0 ? first : changes[at - 1];
      return coach !== before?.coach || seat !== before.seat;
    });
    return real.length === 0 ? item : { ...item, changes: real };
  });
