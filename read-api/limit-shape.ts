// The number of rows in a page of a list.
import { z } from 'zod';

export const limitShape = (most: number, fallback: number) =>
  z.coerce.number().int().min(1).max(most).default(fallback);
