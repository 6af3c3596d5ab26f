// What if a run had been sold under other rules: its requests from the log, sold again under each of several policies.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { type RunId, runCategory } from '@railhead/domain/train-run/stream.ts';
import type { SellingRules } from '../allocation/selling-rules.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import type { StreamsSetAside } from '../streams/understood.ts';
import { type Figures, figuresOf, type Otherwise, otherwiseOf } from './figures.ts';
import type { Payers } from './payers.ts';
import { sellAgain } from './sell-again.ts';
import type { SoldRun } from './sold-run.ts';
import { SoldRunFold } from './sold-run-fold.ts';

export type ReadLog = Pick<EventStore, 'readStream' | 'readAll'>;

/** `name` is what the answer calls it. */
export type NamedPolicy = { readonly name: string; readonly rules: SellingRules };

export type WhatIf = {
  readonly run: RunId;
  readonly requests: number;
  readonly happened: Figures;
  /** Of the orders that had seats then, the share that had tickets at some time; 1 if none had seats. */
  readonly paidShareThen: number;
  readonly policies: readonly {
    readonly name: string;
    readonly figures: Figures;
    readonly otherwise: Otherwise;
    readonly seatsNotWithdrawn: number;
  }[];
  readonly setAside: StreamsSetAside;
};

/** Requests of one run that are kept in memory. */
const MOST_REQUESTS = 2_000_000;
const PAGE = 2_000;

/** `read`: told how far the log is read. */
export const soldRunIn = async (
  log: ReadLog,
  id: RunId,
  upTo: Position,
  read: (position: Position) => void = () => {},
): Promise<Result<SoldRun, 'TRAIN_NOT_FOUND' | 'NO_REQUESTS' | 'TOO_MUCH_TO_READ'>> => {
  const { train, date } = id;
  const [first] = await log.readStream(runCategory.stream(id), { limit: 1 });
  if (first === undefined || first.position > upTo || !runCategory.owns(first) || first.type !== 'TrainRunOpened')
    return refuse('TRAIN_NOT_FOUND', `${train} is not on sale for ${date}`);
  const fold = new SoldRunFold(first.data);
  // Nothing of a run stands in the log before it was opened.
  for (let after = first.position; after < upTo; ) {
    const { events, position, caughtUp } = await log.readAll({ after, limit: PAGE });
    for (const event of events) if (event.position <= upTo) fold.add(event);
    if (fold.requests > MOST_REQUESTS)
      return refuse('TOO_MUCH_TO_READ', `${train} of ${date} has more than ${MOST_REQUESTS} requests`);
    if (caughtUp || position <= after) break;
    after = position;
    read(after);
  }
  if (fold.requests === 0) return refuse('NO_REQUESTS', `nobody has asked for a seat on ${train} of ${date}`);
  return accept(fold.soldRun);
};

/** `mostNamed`: orders named of each kind. */
export const whatIf = (
  sold: SoldRun,
  policies: readonly NamedPolicy[],
  { payers, mostNamed }: { readonly payers: Payers; readonly mostNamed: number },
): Result<WhatIf, 'QUOTA_INVALID' | 'FORECAST_INVALID'> => {
  const results: WhatIf['policies'][number][] = [];
  for (const { name, rules } of policies) {
    const again = sellAgain(sold, { rules, payers });
    if (!again.ok) return refuse(again.refusal.code, `${name}: ${again.refusal.detail}`);
    const { outcomes, seatsNotWithdrawn } = again.value;
    const otherwise = otherwiseOf(sold, outcomes, mostNamed);
    results.push({ name, figures: figuresOf(sold, outcomes), otherwise, seatsNotWithdrawn });
  }
  const { train, date } = sold.run;
  const happened = figuresOf(sold, sold.outcomes);
  return accept({
    run: { train, date },
    requests: sold.asked.size,
    happened,
    paidShareThen: happened.served === 0 ? 1 : paidOrders(sold) / happened.served,
    policies: results,
    setAside: sold.setAside,
  });
};

const paidOrders = ({ steps }: SoldRun): number =>
  new Set(steps.flatMap((step) => (step.kind === 'confirm' ? [step.orderNo] : []))).size;
