import type { Recorded } from '../kernel/event.ts';
import type { Openings, SaleOpeningsEvent } from './events.ts';

/** `handled`: the commands that have set them, of which any may be sent again. */
export type SaleOpenings = Openings & { readonly handled: readonly string[] };

/** Everything is sold from the day on which it enters the sale window. */
export const noOpenings: SaleOpenings = { runs: [], days: [], stations: [], handled: [] };

const MOST_HANDLED = 1_000;

export const evolve = ({ handled }: SaleOpenings, { data, meta }: Recorded<SaleOpeningsEvent>): SaleOpenings => ({
  ...data,
  handled: [...handled.slice(1 - MOST_HANDLED), meta.commandId],
});
