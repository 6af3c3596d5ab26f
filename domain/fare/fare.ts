// What a journey costs: distance in bands, a rate per class, rounded the way tariffs are. Integer arithmetic only.
import type { Fen } from '../kernel/money.ts';
import type { SeatClass } from '../kernel/seat-class.ts';

export type PassengerKind = 'adult' | 'child' | 'student';

/** Up to `untilKm` (absent: without end) each kilometre costs `percent` of the class's rate. */
export type DistanceBand = { readonly untilKm?: number; readonly percent: number };

/**
 * A tariff. `ratesMilliFenPerKm`: thousandths of a fen per kilometre and class. A fare is at least `minimumFen` and
 * rounded half up to `roundToFen`. `percentOfAdult`: what each kind of passenger pays of the adult fare.
 */
export type Tariff = {
  readonly name: string;
  readonly ratesMilliFenPerKm: Partial<Readonly<Record<SeatClass, number>>>;
  readonly bands: readonly DistanceBand[];
  readonly minimumFen: Fen;
  readonly roundToFen: Fen;
  readonly percentOfAdult: Readonly<Record<PassengerKind, number>>;
};

const roundTo = (value: number, step: number): number => Math.floor((value + step / 2) / step) * step;

/** Kilometres weighted by their band's percentage, in hundredths of a kilometre. */
const weightedKm = (bands: readonly DistanceBand[], km: number): number => {
  let done = 0;
  let weighted = 0;
  for (const band of bands) {
    const until = Math.min(km, band.untilKm ?? km);
    if (until > done) {
      weighted += (until - done) * band.percent;
      done = until;
    }
  }
  return weighted;
};

/** The fare of `km` kilometres, or undefined where the tariff does not sell the class. */
export const fareFen = (tariff: Tariff, seatClass: SeatClass, km: number, kind: PassengerKind): Fen | undefined => {
  const rate = tariff.ratesMilliFenPerKm[seatClass];
  if (rate === undefined) return undefined;
  const adult = Math.max(
    tariff.minimumFen,
    roundTo((weightedKm(tariff.bands, km) * rate) / 100_000, tariff.roundToFen),
  );
  return Math.max(tariff.minimumFen, roundTo((adult * tariff.percentOfAdult[kind]) / 100, tariff.roundToFen));
};
