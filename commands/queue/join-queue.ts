// Somebody joins the queue of a run. Who has a place there that is still good keeps it.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { userKey } from '../limits/keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import {
  isOnSale,
  lastBoardingStop,
  outsideSale,
  type SaleRefusal,
  type SaleWindow,
  saleOf,
} from '../runs/sale-window.ts';
import { runOpensLaterMs } from '../sale-openings/opening-times.ts';
import { placeTokenOf, type TokenPlace } from './place-token.ts';
import { standingOf } from './queue-gate.ts';
import type { JoinRefusal, QueueLine } from './queue-line.ts';
import { type QueueStanding, standingIn, wasUsed } from './queue-standing.ts';
import type { RunQueues } from './run-queues.ts';

export type JoinQueueDeps = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly runs: RunDirectory;
  readonly queues: RunQueues;
  readonly saleWindow: SaleWindow;
  readonly tokenSecret: string;
};

export type JoinQueue = { readonly userId: string; readonly train: string; readonly date: string };

export type JoinedQueue = {
  readonly queueToken: string;
  readonly standing: QueueStanding;
  /** Of the sale, where it is not open yet; ms since the epoch. */
  readonly opensMs?: number;
  /** 0 for a place that was there before. */
  readonly position: Position;
};

export type JoinQueueRefusal = 'TRAIN_NOT_FOUND' | Exclude<SaleRefusal, 'SALE_NOT_OPEN'> | JoinRefusal;

export const joinQueue = async (
  deps: JoinQueueDeps,
  { userId, train, date }: JoinQueue,
): Promise<Result<JoinedQueue, JoinQueueRefusal>> => {
  const { clock, runs, queues, saleWindow, tokenSecret } = deps;
  const run = await runs.find(train, date);
  if (run === undefined)
    return isOnSale(clock, saleWindow, date)
      ? refuse('TRAIN_NOT_FOUND', `${train} does not run on ${date}`)
      : refuse('DATE_OUTSIDE_SALE', outsideSale(saleWindow, date));
  const sale = saleOf(clock, saleWindow, run, lastBoardingStop(run));
  if (!sale.ok) {
    const { code, detail } = sale.refusal;
    // The opening is what people wait for.
    if (code !== 'SALE_NOT_OPEN') return refuse(code, detail);
  }
  const line = await queues.line({ train, date });
  const user = userKey(queues.secret, userId);
  const opensMs = saleWindow.openings === undefined ? undefined : runOpensLaterMs(clock, saleWindow.openings, run);
  const spent = await spentPlace(deps, line, { train, date, user });
  if (opensMs !== undefined) line.opensMs = opensMs;
  const joined = await line.join({ user, ...(spent === undefined ? {} : { spent }) }, opensMs);
  if (!joined.ok) return joined;
  const { place, position } = joined.value;
  const standing = standingIn(line, { place, user }, clock.now());
  if (standing === undefined) throw new Error(`place ${place} of ${line.name} is not there`);
  const queueToken = placeTokenOf({ train, date, place, user }, tokenSecret);
  return accept({ queueToken, standing, position, ...(opensMs === undefined ? {} : { opensMs }) });
};

/** The user's last place, if it is good for nothing any more. */
const spentPlace = async (
  { store, clock }: JoinQueueDeps,
  line: QueueLine,
  named: Omit<TokenPlace, 'place'>,
): Promise<number | undefined> => {
  const place = line.queue.placeOf.get(named.user);
  if (place === undefined) return undefined;
  const standing = standingOf(line, { ...named, place }, clock.now());
  if (standing === 'NOT_ADMITTED') return undefined;
  return standing === 'EXPIRED' || (await wasUsed(store, { ...named, place })) ? place : undefined;
};
