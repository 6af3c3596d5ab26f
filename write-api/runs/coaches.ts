// The shape of coaches in operators' requests.
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import { z } from 'zod';

/** A coach: a two-digit number and a layout in rows, numbers or berths. It is the schema of the rolling stock files. */
export type CoachSchema = z.ZodType<Coach>;

/** How many make a train too long is for the train to say; the limit of the body bounds how many are read. */
export const coachesShape = (coach: CoachSchema) => z.array(coach).min(1);
