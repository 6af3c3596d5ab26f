// Coaches as operators send them.
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import { z } from 'zod';

/** One coach: two digits, rows of letters or numbers or berths. The rolling stock's own schema. */
export type CoachSchema = z.ZodType<Coach>;

const MAX_COACHES_SENT = 99;

export const coachesShape = (coach: CoachSchema) => z.array(coach).min(1).max(MAX_COACHES_SENT);
