// What a sale comes to, in numbers: of what happened, and of the same requests under other rules.
import type { Fen } from '@railhead/domain/kernel/money.ts';
import { SEAT_CLASSES } from '@railhead/domain/kernel/seat-class.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { journeyKm } from '@railhead/domain/train-run/journey.ts';
import type { Outcome, SoldRun } from './sold-run.ts';

export type Figures = {
  /** Orders that had seats at some time. */
  readonly served: number;
  /** Orders that never had any, by the code that ended them, in the order of the codes. */
  readonly refused: Readonly<Record<string, number>>;
  /** Orders that the log ends before. */
  readonly open: number;
  /** Travellers with paid seats, or places to stand, that they kept. */
  readonly seatsSold: number;
  /** Of these, travellers who stand. */
  readonly standing: number;
  /** Travellers whose seats are not paid at the end of the log. */
  readonly seatsHeld: number;
  /** Of seats sold: each times the length of its journey. */
  readonly seatKm: number;
  /** Fares of the seats sold. */
  readonly revenueFen: Fen;
  readonly segments: readonly SegmentLoad[];
};

/** Codes of stations. `seats` are all that the train has there, and `sold` those sold; `standing` is not among them. */
export type SegmentLoad = {
  readonly from: string;
  readonly to: string;
  readonly seats: number;
  readonly sold: number;
  readonly standing: number;
};

export const figuresOf = (sold: SoldRun, outcomes: ReadonlyMap<string, Outcome>): Figures => {
  const { stops } = sold.run;
  const [seated, stood] = [stops.slice(1).map(() => 0), stops.slice(1).map(() => 0)];
  const refused = new Map<string, number>();
  let [served, open, seatsSold, standing, seatsHeld, seatKm, revenueFen] = [0, 0, 0, 0, 0, 0, 0];
  for (const [orderNo, { from, to }] of sold.asked) {
    const outcome: Outcome = outcomes.get(orderNo) ?? { kind: 'open' };
    if (outcome.kind === 'open') open += 1;
    else if (outcome.kind === 'refused') refused.set(outcome.code, (refused.get(outcome.code) ?? 0) + 1);
    else served += 1;
    if (outcome.kind === 'held') seatsHeld += outcome.kept.length;
    if (outcome.kind !== 'sold') continue;
    const { kept, faresFen, seatClass } = outcome;
    const on = seatClass === 'standing' ? stood : seated;
    for (let segment = from; segment < to; segment += 1) on[segment] = (on[segment] ?? 0) + kept.length;
    seatsSold += kept.length;
    if (seatClass === 'standing') standing += kept.length;
    seatKm += kept.length * journeyKm(sold.run, { from, to });
    for (const traveller of kept) revenueFen += faresFen[traveller] ?? 0;
  }
  const seats = SEAT_CLASSES.filter((one) => one !== 'standing').reduce(
    (sum, seatClass) => sum + seatsOfClass(sold.composition, seatClass).length,
    0,
  );
  return {
    served,
    refused: Object.fromEntries([...refused].sort(([a], [b]) => (a < b ? -1 : 1))),
    open,
    seatsSold,
    standing,
    seatsHeld,
    seatKm,
    revenueFen,
    segments: seated.map((count, seq) => ({
      from: stops[seq]?.code ?? '',
      to: stops[seq + 1]?.code ?? '',
      seats,
      sold: count,
      standing: stood[seq] ?? 0,
    })),
  };
};

/** Orders that came to something else than they did. The first of each are named. */
export type Otherwise = {
  /** Had no seats when the run was sold, and have some now. */
  readonly servedNow: NamedOrders;
  readonly refusedNow: NamedOrders;
  /** Have seats in both, in another class or others of the same class. */
  readonly otherSeats: NamedOrders;
};
export type NamedOrders = { readonly orders: number; readonly first: readonly string[] };

/** `most`: so many orders are named of each kind. */
export const otherwiseOf = (
  { asked, outcomes: then }: Pick<SoldRun, 'asked' | 'outcomes'>,
  now: ReadonlyMap<string, Outcome>,
  most: number,
): Otherwise => {
  const servedNow: string[] = [];
  const refusedNow: string[] = [];
  const otherSeats: string[] = [];
  for (const { orderNo } of asked.values()) {
    const [was, is] = [seatsIn(then.get(orderNo)), seatsIn(now.get(orderNo))];
    if (was === is) continue;
    if (was === undefined) servedNow.push(orderNo);
    else if (is === undefined) refusedNow.push(orderNo);
    else otherSeats.push(orderNo);
  }
  const named = (orders: readonly string[]): NamedOrders => ({ orders: orders.length, first: orders.slice(0, most) });
  return { servedNow: named(servedNow), refusedNow: named(refusedNow), otherSeats: named(otherSeats) };
};

/** The seats of an order as a text; undefined: it had none. */
const seatsIn = (outcome: Outcome | undefined): string | undefined =>
  outcome === undefined || !('legs' in outcome) ? undefined : JSON.stringify([outcome.seatClass, outcome.legs]);
