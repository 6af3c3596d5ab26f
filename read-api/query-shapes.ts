// What several lists are asked by.
import { z } from 'zod';

/** The number of an order, a payment, a refund or a ticket. */
export const numberInQuery = z
  .string()
  .regex(/^[A-Za-z0-9]{1,64}$/, 'must be letters and digits')
  .transform((text) => text.toUpperCase())
  .optional();

/** The end of the year 9999: every database has the instants until then. */
export const LAST_INSTANT_MS = Date.UTC(10_000, 0) - 1;

/** Milliseconds since the epoch. */
export const instantInQuery = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .refine((ms) => ms >= 0 && ms <= LAST_INSTANT_MS, 'must be between the years 1970 and 9999')
  .optional();

export const userInQuery = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/, 'must be the id of a user')
  .optional();
