// Cursors of pages: what the next page comes after, as one text that means nothing to clients.
import { Problem } from '@railhead/http/problem.ts';
import type { SalesCursor } from '@railhead/projections/sales/sales-queries.ts';
import { z } from 'zod';
import { LAST_INSTANT_MS } from './query-shapes.ts';

export const cursorInQuery = z.string().max(256).optional();

export const cursorOf = (content: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(content)).toString('base64url');

/** Undefined for a text that is no cursor. */
export const contentOf = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
};

const timeCursor = z.tuple([z.int().min(0).max(LAST_INSTANT_MS), z.string().regex(/^[A-Za-z0-9]{1,64}$/)]);

export const timeCursorOf = (next: SalesCursor | undefined): { readonly nextCursor?: string } =>
  next === undefined ? {} : { nextCursor: cursorOf([next.atMs, next.no]) };

/** Throws `Problem` INVALID_REQUEST. */
export const timeCursorIn = (cursor: string | undefined): SalesCursor | undefined => {
  if (cursor === undefined) return undefined;
  const content = timeCursor.safeParse(contentOf(cursor));
  if (!content.success) throw new Problem('INVALID_REQUEST', 'query.cursor: is not of a page of this list');
  const [atMs, no] = content.data;
  return { atMs, no };
};
