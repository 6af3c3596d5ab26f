// The fare of a journey: distance bands, a rate for each class, and rounding as in real tariffs. Integers only.
import type { Fen } from '../kernel/money.ts';
import type { SeatClass } from '../kernel/seat-class.ts';

export type PassengerKind = 'adult' | 'child' | 'student';

/** Each kilometre up to `untilKm` (absent: no end) costs `percent` of the class's rate. */
export type DistanceBand = { readonly untilKm?: number; readonly percent: number };

/**
 * `ratesMilliFenPerKm`: thousandths of a fen per kilometre, by class. A fare is at least `minimumFen` and rounded half
 * up to a multiple of `roundToFen`. `percentOfAdult`: what each kind of passenger pays of the adult fare.
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

/** The sum of the kilometres times the percentage of their band: hundredths of a kilometre at the full rate. */
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
