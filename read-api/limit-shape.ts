// How many rows of a list a client asks for.
import { z } from 'zod';

export const limitShape = (most: number, fallback: number) =>
  z.coerce.number().int().min(1).max(most).default(fallback);
