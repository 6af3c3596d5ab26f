// The schemas of the three rolling-stock files. Anything else in them is refused with its place.
import type { DistanceBand, Tariff } from '@railhead/domain/fare/fare.ts';
import { SEAT_CLASSES } from '@railhead/domain/kernel/seat-class.ts';
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import { z } from 'zod';

const name = z.string().min(1).max(64);

const layout = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rows'),
    rows: z.int().min(1).max(99),
    letters: z
      .string()
      .regex(/^[A-Z]{1,10}$/, 'seat letters are capitals')
      .refine((letters) => new Set(letters).size === letters.length, 'a seat letter is given twice'),
  }),
  z.strictObject({ kind: z.literal('numbers'), seats: z.int().min(1).max(999) }),
  z.strictObject({
    kind: z.literal('berths'),
    bays: z.int().min(1).max(49),
    levels: z
      .array(z.enum(['lower', 'middle', 'upper']))
      .min(1)
      .refine((levels) => new Set(levels).size === levels.length, 'a berth level is given twice'),
  }),
]);

/** A coach has seats of one class; `standing` is sold in addition, by count. */
const coachClass = z.enum(SEAT_CLASSES).exclude(['standing']);

const coaches = z.strictObject({
  seatClass: coachClass,
  count: z.int().min(1).max(99),
  layout,
  standing: z.int().min(1).max(999).optional(),
});

/** A coach as an operator writes it. */
export const coachSchema = z
  .strictObject({
    coach: z.string().regex(/^\d{2}$/, 'a coach number has two digits'),
    seatClass: coachClass,
    layout,
    standing: z.int().min(1).max(999).optional(),
  })
  .transform(({ standing, ...coach }): Coach => (standing === undefined ? coach : { ...coach, standing }));

/** Coach numbers have two digits, so a train has at most 99 of them. */
const MAX_COACHES = 99;

export const compositionsSchema = z.array(
  z.strictObject({
    name,
    coaches: z
      .array(coaches)
      .min(1)
      .refine((groups) => groups.reduce((sum, { count }) => sum + count, 0) <= MAX_COACHES, 'more than 99 coaches'),
  }),
);

/** Bands must grow, and only the last may be open; otherwise some kilometres would have no price. */
const bandsCover = (bands: readonly { readonly untilKm?: number | undefined }[]): boolean =>
  bands.every(({ untilKm }, index) =>
    index === bands.length - 1
      ? untilKm === undefined
      : untilKm !== undefined && untilKm > (bands[index - 1]?.untilKm ?? 0),
  );

const band = z
  .strictObject({ untilKm: z.int().positive().optional(), percent: z.int().min(0).max(1000) })
  .transform(({ untilKm, percent }): DistanceBand => (untilKm === undefined ? { percent } : { untilKm, percent }));

const percent = z.int().min(0).max(100);

const tariff = z.strictObject({
  name,
  ratesMilliFenPerKm: z.partialRecord(z.enum(SEAT_CLASSES), z.int().positive().max(100_000_000)),
  bands: z.array(band).min(1).refine(bandsCover, 'bands must grow, and only the last one has no untilKm'),
  // An order that costs nothing could never be paid, and would only expire.
  minimumFen: z.int().min(1),
  roundToFen: z.int().positive(),
  percentOfAdult: z.strictObject({ adult: percent, child: percent, student: percent }),
});

export const tariffsSchema: z.ZodType<Tariff[]> = z.array(tariff);

const pattern = z.string().refine((source) => {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}, 'not a regular expression');

export const trainKindsSchema = z.array(
  z.strictObject({
    trainPattern: pattern.optional(),
    typePattern: pattern.optional(),
    composition: name,
    tariff: name,
    lateAssignment: z.array(coachClass).min(1).optional(),
  }),
);

export type CompositionTemplate = z.infer<typeof compositionsSchema>[number];
export type TrainKind = z.infer<typeof trainKindsSchema>[number];
