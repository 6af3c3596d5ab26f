// The shape of coaches in operators' requests.
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import { z } from 'zod';

/** A coach: a two-digit number and a layout in rows, numbers or berths. It is the schema of the rolling stock files. */
export type CoachSchema = z.ZodType<Coach>;

const MAX_COACHES_SENT = 99;

export const coachesShape = (coach: CoachSchema) => z.array(coach).min(1).max(MAX_COACHES_SENT);
