// What the owner of an order may do with it now, so that a client never guesses.
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import { type Clock, timestampOf } from '@railhead/commands/ports/clock.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { boardingMs } from '@railhead/commands/runs/sale-window.ts';
import { MAX_DROPPED_CHANGES } from '@railhead/domain/order/fold.ts';
import { quoteRefund, type RefundTable } from '@railhead/domain/refund/fees.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { journeyBetween } from '@railhead/domain/train-run/journey.ts';

export type Action = {
  readonly kind: 'PAY' | 'CANCEL' | 'REFUND' | 'CHANGE';
  /** RFC 3339. */
  readonly until: string;
  readonly items?: readonly number[];
  readonly feeFen?: number;
};

export type ActionDeps = { readonly clock: Clock; readonly runs: RunDirectory; readonly table: RefundTable };

export const actionsOf = async ({ clock, runs, table }: ActionDeps, order: OrderView): Promise<readonly Action[]> => {
  const run = await runs.find(order.train, order.date);
  if (run === undefined || run.status === 'cancelled') return [];
  const departsMs = departureOf(run, order);
  if (departsMs === undefined) return [];
  if (order.status !== 'SUCCESS' && departsMs <= clock.now()) return [];
  switch (order.status) {
    case 'QUEUED':
      return [{ kind: 'CANCEL', until: timestampOf(clock, departsMs) }];
    case 'WAIT_PAY': {
      const { payBefore = '' } = order;
      const isOver = !(Date.parse(payBefore) > clock.now());
      return isOver ? [] : (['PAY', 'CANCEL'] as const).map((kind) => ({ kind, until: payBefore }));
    }
    case 'SUCCESS':
      return ticketActions(clock, table, order, departsMs);
    default:
      return [];
  }
};

/** A change is possible until the end of the day of departure; its fee depends on what is wanted, so a quote tells it. */
const ticketActions = (clock: Clock, table: RefundTable, order: OrderView, departsMs: number): readonly Action[] => {
  const pending = new Set(order.changes.flatMap(({ status, items }) => (status === 'WAIT_PAY' ? items : [])));
  const free = order.items.filter(({ itemNo, ticketStatus }) => ticketStatus === 'ISSUED' && !pending.has(itemNo));
  if (free.length === 0) return [];
  const items = free.map(({ itemNo }) => itemNo);
  const actions: Action[] = [];
  const { changedLate = false, changedAfterDeparture = false } = order;
  const quote = quoteRefund(table, free, { nowMs: clock.now(), departsMs, changedLate, changedAfterDeparture });
  if (quote !== undefined)
    actions.push({ kind: 'REFUND', until: timestampOf(clock, departsMs), items, feeFen: quote.feeFen });
  const { zone } = clock;
  const dayEndsMs = zone.instantMs(zone.date(departsMs), MINUTES_A_DAY);
  const inVain = order.changes.filter(({ status }) => status === 'FAIL').length;
  if (order.originalOrderNo === undefined && clock.now() < dayEndsMs && inVain < MAX_DROPPED_CHANGES)
    actions.push({ kind: 'CHANGE', until: timestampOf(clock, dayEndsMs), items });
  return actions;
};

const MINUTES_A_DAY = 1_440;

/** When the train leaves the stop where the travellers board, ms since the epoch. */
const departureOf = (run: OpenedRun, { from, to }: OrderView): number | undefined => {
  const journey = journeyBetween(run, from.code, to.code);
  return journey.ok ? boardingMs(run, journey.value.from) : undefined;
};
