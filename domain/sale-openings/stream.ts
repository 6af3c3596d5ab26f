import { category } from '../kernel/category.ts';
import type { SaleOpeningsEvent } from './events.ts';
import { evolve, noOpenings, type SaleOpenings } from './fold.ts';

/** One stream for the railway. */
export const SALE_OPENINGS = 'saleOpenings';

export const saleOpeningsCategory = category<typeof SALE_OPENINGS, SaleOpenings, SaleOpeningsEvent>({
  name: 'config',
  nameOf: (scope) => scope,
  parse: (name) => (name === SALE_OPENINGS ? SALE_OPENINGS : undefined),
  initial: () => noOpenings,
  evolve,
  versions: { SaleOpeningsSet: 1 },
});
