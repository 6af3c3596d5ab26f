// A run and its classes as travellers see them.
import { timestampOf } from '@railhead/commands/ports/clock.ts';
import { boardingMs, opensLaterMs, saleOf } from '@railhead/commands/runs/sale-window.ts';
import { zoneNamed } from '@railhead/commands/time/zone.ts';
import { WAITLIST_LAST_MINUTES } from '@railhead/commands/waitlist/rules.ts';
import { fareFen } from '@railhead/domain/fare/fare.ts';
import { classSizes } from '@railhead/domain/train-run/composition.ts';
import { type Journey, journeyKm } from '@railhead/domain/train-run/journey.ts';
import { fenShape, instantShape, seatClassShape } from '@railhead/http/shapes.ts';
import type { RouteFacts, RunStatus } from '@railhead/projections/timetable/timetable-tables.ts';
import { z } from 'zod';
import type { ReadContext } from '../read-models.ts';

export const stockShape = {
  seatClass: seatClassShape,
  fareFen: fenShape,
  available: z.int(),
  opensAt: instantShape.optional().meta({ description: 'When the sale opens, where it is not open yet.' }),
};

/** A cancelled run is shown, with nothing available, so that those who look for it find out. */
export const runStatusShape = z.enum(['open', 'cancelled']);

export const stopOf = (facts: RouteFacts, seq: number) => ({
  code: facts.stops[seq]?.code ?? '',
  name: facts.stops[seq]?.name ?? '',
});

/**
 * How fresh an answer is: the position that it includes, and the present time. Taken before the stock is read, because
 * the model goes on meanwhile.
 */
export const freshness = ({ models, clock }: ReadContext) => ({
  position: models.availability.gate.position,
  asOf: timestampOf(clock),
});

/** A run, and the part of its way that somebody asks for. */
export type ShownJourney = {
  readonly facts: RouteFacts;
  readonly status: RunStatus;
  readonly runDate: string;
  readonly journey: Journey;
};

/**
 * Of each journey the classes that the tariff sells on it, with its fare and what can be bought of it now. All of them are
 * asked for at once.
 */
export const classesOf = async (
  { models, offer, clock, saleWindow }: ReadContext,
  journeys: readonly ShownJourney[],
) => {
  const sold = journeys.map(({ facts, runDate, journey }) => {
    const km = journeyKm(facts, journey);
    return classSizes(facts.composition).flatMap(({ seatClass, seats }) => {
      const fare = fareFen(facts.tariff, seatClass, km, 'adult');
      return fare === undefined ? [] : [{ id: { train: facts.train, date: runDate, seatClass }, seats, fare }];
    });
  });
  const stocks = await models.availability.queries.stocks(sold.flat().map(({ id }) => id));
  let next = 0;
  return journeys.map(({ facts, status, runDate, journey }, index) => {
    const run = { ...facts, date: runDate, status };
    const isSold = saleOf(clock, saleWindow, run, journey.from).ok;
    const opensMs = status === 'open' ? opensLaterMs(clock, saleWindow, run, journey.from) : undefined;
    const opening = opensMs === undefined ? {} : { opensAt: timestampOf(clock, opensMs) };
    return (sold[index] ?? []).flatMap(({ id: { seatClass }, seats, fare }) => {
      const shown = stocks[next];
      next += 1;
      // What is shown of such a class would not be true.
      if (shown === undefined || shown.isWithheld) return [];
      const stock = shown.count(seats, journey.from, journey.to);
      const asked = { seats, free: stock.available, taken: () => shown.taken };
      const available = isSold ? offer.count(run, seatClass, journey, asked) : 0;
      const waitlist = isSold && available === 0 && boardingMs(run, journey.from) - clock.now() > LAST_MS;
      return [{ seatClass, fareFen: fare, currency: 'CNY', ...stock, available, ...opening, waitlist }];
    });
  });
};

/** Who boards sooner does not wait for seats any more. */
const LAST_MS = WAITLIST_LAST_MINUTES * 60_000;

export type ShownClasses = Awaited<ReturnType<typeof classesOf>>[number];

/** A minute of a train's clock as a timestamp, in the zone of the run. */
export const timeOf = ({ zone: name }: RouteFacts, runDate: string, minutes: number): string => {
  const zone = zoneNamed(name);
  return zone.timetableTime(zone.instantMs(runDate, minutes));
};
