// The rows that a world's orders wrote, for a reference to write the same.
import type { BareRow } from './bare-sqlite.ts';
import type { World } from './world.ts';

/** Orders in one turn of the samples: enough to show shares of a fiftieth. */
const SAMPLES = 50;
/** Events looked at; the log of a long run need not be read to its end to know an average. */
const EVENTS_READ = 100_000;

/** `n`-th whole number of a row that comes to `mean` on average. */
const spread = (n: number, mean: number): number => Math.floor((n + 1) * mean) - Math.floor(n * mean);

/** Fifty orders' rows, with as many seated, and as many segments each, as in the world. */
export const ordersLike = async (
  world: World,
  { seated, refused }: { readonly seated: number; readonly refused: number },
): Promise<readonly (readonly BareRow[])[]> => {
  const { events } = await world.store.readAll({ after: 0, limit: EVENTS_READ });
  const samples = new Map<string, { data: string; meta: string; count: number }>();
  for (const { type, data, meta } of events) {
    const known = samples.get(type);
    if (known !== undefined) known.count += 1;
    else samples.set(type, { data: JSON.stringify(data), meta: JSON.stringify(meta), count: 1 });
  }
  const row = (type: string, stream: number): BareRow => {
    const { data, meta } = samples.get(type) ?? { data: '{}', meta: '{}' };
    return { stream, type, data, meta };
  };
  const countOf = (type: string): number => samples.get(type)?.count ?? 0;
  const segmentsPerOrder = countOf('SeatsHeld') / Math.max(1, countOf('OrderSeatsHeld'));
  const seatedShare = seated / Math.max(1, seated + refused);
  let nthSeated = 0;
  return Array.from({ length: SAMPLES }, (_, n) => {
    if (spread(n, seatedShare) === 0) return [row('OrderRequested', -1), row('OrderClosed', -1)];
    const segments = spread(nthSeated, segmentsPerOrder);
    nthSeated += 1;
    return [
      row('OrderRequested', -1),
      ...Array.from({ length: segments }, (_, segment) => row('SeatsHeld', segment + 1)),
      row('SeatLockAcquired', 100),
      row('OrderSeatsHeld', -1),
    ];
  });
};

export const meanRows = (samples: readonly (readonly BareRow[])[]): number =>
  Math.round((samples.reduce((sum, rows) => sum + rows.length, 0) / Math.max(1, samples.length)) * 10) / 10;
