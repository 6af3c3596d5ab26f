// Kilometres along a trip: the feed's own distances where they are plausible, straight lines otherwise.

export type Point = { readonly lat: number; readonly lon: number };

const EARTH_RADIUS_KM = 6371;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance (haversine). */
export const greatCircleKm = (one: Point, other: Point): number => {
  const half =
    Math.sin(radians(other.lat - one.lat) / 2) ** 2 +
    Math.cos(radians(one.lat)) * Math.cos(radians(other.lat)) * Math.sin(radians(other.lon - one.lon) / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(half)));
};

/**
 * The way is longer than the straight line, but rarely four times; rounded coordinates may make it a little shorter.
 */
const plausible = (alongKm: number, straightKm: number): boolean =>
  alongKm >= 0.9 * straightKm && alongKm <= 4 * straightKm;

const METRES = 1000;

/** The number of the feed's units in a kilometre; undefined if its distances are neither km nor metres. */
const unitsPerKm = (along: number, straightKm: number): number | undefined => {
  if (plausible(along, straightKm)) return 1;
  return plausible(along / METRES, straightKm) ? METRES : undefined;
};

const ascending = (values: readonly (number | undefined)[]): values is readonly number[] =>
  values.every((value, index) => value !== undefined && (index === 0 || value > (values[index - 1] ?? value)));

/** Whole kilometres that grow by at least one from stop to stop. */
const strictly = (kms: readonly number[]): readonly number[] => {
  let last = -1;
  return kms.map((km) => {
    last = Math.max(last + 1, km);
    return last;
  });
};

/** Kilometres from the first stop. `travelled`: shape_dist_traveled of each stop, in km or metres, as far as given. */
export const kilometres = (points: readonly Point[], travelled: readonly (number | undefined)[]): readonly number[] => {
  let sum = 0;
  const straight = points.map((point, index) => {
    sum += index === 0 ? 0 : greatCircleKm(points[index - 1] ?? point, point);
    return sum;
  });
  if (ascending(travelled)) {
    const start = travelled[0] ?? 0;
    const units = unitsPerKm((travelled.at(-1) ?? 0) - start, sum);
    if (units !== undefined) return strictly(travelled.map((value) => Math.round((value - start) / units)));
  }
  return strictly(straight.map((km) => Math.ceil(km)));
};
