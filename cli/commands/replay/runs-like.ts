// Runs that are called nearly as one that there is not.
import type { RunId } from '@railhead/domain/train-run/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { isWithin } from '@railhead/projections/order-search/slips.ts';
import type { PastLog } from '@railhead/projections/past/past-log.ts';

const PAGE = 2_000;
/** Pages of the log that are read for a hint. */
const MOST_PAGES = 50;
const MOST_NAMED = 3;

/** The end of a sentence; empty where no run is near. */
export const runsLike = async (log: PastLog, { train, date }: RunId): Promise<string> => {
  const near: RunId[] = [];
  let after = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { events, position, caughtUp } = await log.readAll({ after, limit: PAGE, categories: [runCategory.name] });
    for (const event of events) {
      if (!runCategory.owns(event) || event.type !== 'TrainRunOpened') continue;
      const isNear = isWithin(1, event.data.train, train.toUpperCase());
      if (isNear && (event.data.train === train || event.data.date === date)) near.push(event.data);
    }
    if (caughtUp || position <= after) break;
    after = position;
  }
  const distance = (run: RunId): number =>
    Math.abs(Date.parse(run.date) - Date.parse(date)) + (run.train === train ? 0 : 1);
  const nearest = near.sort((a, b) => distance(a) - distance(b)).slice(0, MOST_NAMED);
  return nearest.length === 0 ? '' : `; did you mean ${nearest.map((run) => `${run.train}/${run.date}`).join(' or ')}?`;
};
