// Numbers in a query: the number of rows in a page of a list, and others.
import { z } from 'zod';

const notANumber = (issue: { readonly code?: string }): string | undefined =>
  issue.code === 'invalid_type' ? 'must be a whole number' : undefined;

export const wholeNumber = z.coerce.number({ error: notANumber }).int({ error: notANumber });

export const limitShape = (most: number, fallback: number) => wholeNumber.min(1).max(most).default(fallback);
