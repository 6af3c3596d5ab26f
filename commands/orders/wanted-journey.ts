// A journey as somebody asks for it, on a run that is on sale: its stops, and what it costs each traveller.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { OrderRequest, Passenger } from '@railhead/domain/order/events.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { journeyBetween, journeyFares } from '@railhead/domain/train-run/journey.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import { isOnSale, outsideSale, type SaleRefusal, type SaleWindow, saleOf } from '../runs/sale-window.ts';

export type JourneyDeps = { readonly clock: Clock; readonly runs: RunDirectory; readonly saleWindow: SaleWindow };

/** `from` and `to` are station codes. */
export type WantedJourney = {
  readonly train: string;
  readonly date: string;
  readonly from: string;
  readonly to: string;
  readonly seatClass: SeatClass;
  readonly passengers: readonly Pick<Passenger, 'kind'>[];
};

export type JourneyRefusal =
  | 'TRAIN_NOT_FOUND'
  | 'STATION_NOT_ON_ROUTE'
  | 'JOURNEY_BACKWARDS'
  | 'CLASS_NOT_ON_TRAIN'
  | SaleRefusal;

export type OfferedJourney = {
  readonly run: OpenedRun;
  readonly stops: Pick<OrderRequest, 'from' | 'to' | 'fromStation' | 'toStation'>;
  /** One for each passenger, in their order. */
  readonly faresFen: readonly Fen[];
};

export const offeredJourney = async (
  { clock, runs, saleWindow }: JourneyDeps,
  { train, date, from: fromCode, to: toCode, seatClass, passengers }: WantedJourney,
): Promise<Result<OfferedJourney, JourneyRefusal>> => {
  const run = await runs.find(train, date);
  if (run === undefined)
    return isOnSale(clock, saleWindow, date)
      ? refuse('TRAIN_NOT_FOUND', `${train} does not run on ${date}`)
      : refuse('DATE_OUTSIDE_SALE', outsideSale(saleWindow, date));
  const journey = journeyBetween(run, fromCode, toCode);
  if (!journey.ok) return journey;
  const { from, to } = journey.value;
  const sale = saleOf(clock, saleWindow, run, from);
  if (!sale.ok) return sale;
  const kinds = passengers.map(({ kind }) => kind);
  const fares = journeyFares(run, journey.value, seatClass, kinds);
  if (!fares.ok) return fares;
  const stationAt = (seq: number) => ({ code: run.stops[seq]?.code ?? '', name: run.stops[seq]?.name ?? '' });
  return accept({
    run,
    stops: { from, to, fromStation: stationAt(from), toStation: stationAt(to) },
    faresFen: fares.value,
  });
};
