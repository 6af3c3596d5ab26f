// A run and its classes as travellers see them.
import { timestampOf } from '@railhead/commands/ports/clock.ts';
import { saleOf } from '@railhead/commands/runs/sale-window.ts';
import { zoneNamed } from '@railhead/commands/time/zone.ts';
import { fareFen } from '@railhead/domain/fare/fare.ts';
import { classSizes } from '@railhead/domain/train-run/composition.ts';
import { type Journey, journeyKm } from '@railhead/domain/train-run/journey.ts';
import { fenShape, seatClassShape } from '@railhead/http/shapes.ts';
import type { RouteFacts, RunStatus } from '@railhead/projections/timetable/timetable-tables.ts';
import { z } from 'zod';
import type { ReadContext } from '../read-models.ts';

export const stockShape = {
  seatClass: seatClassShape,
  fareFen: fenShape,
  available: z.int(),
};

/** A cancelled run is shown, with nothing available, so that those who look for it find out. */
export const runStatusShape = z.enum(['open', 'cancelled']);

export const stopOf = (facts: RouteFacts, seq: number) => ({
  code: facts.stops[seq]?.code ?? '',
  name: facts.stops[seq]?.name ?? '',
});

/** How fresh an answer is: the position that it includes, and the present time. */
export const freshness = ({ models, clock }: ReadContext) => ({
  position: models.availability.gate.position,
  asOf: timestampOf(clock),
});

/** The classes the tariff sells on a journey, with its fare and what can be bought of it now. */
export const classesOf = (
  { models, offer, clock, saleWindow }: ReadContext,
  { facts, status }: { readonly facts: RouteFacts; readonly status: RunStatus },
  date: string,
  journey: Journey,
) => {
  const km = journeyKm(facts, journey);
  const { queries } = models.availability;
  const run = { ...facts, date, status };
  const isSold = saleOf(clock, saleWindow, run, journey.from).ok;
  return classSizes(facts.composition).flatMap(({ seatClass, seats }) => {
    const fare = fareFen(facts.tariff, seatClass, km, 'adult');
    if (fare === undefined) return [];
    const stock = queries.count({ train: facts.train, date, seatClass }, seats, journey.from, journey.to);
    const shown = { seats, free: stock.available, taken: () => queries.taken({ train: facts.train, date, seatClass }) };
    const available = isSold ? offer.count(run, seatClass, journey, shown) : 0;
    return [{ seatClass, fareFen: fare, currency: 'CNY', ...stock, available, waitlist: false }];
  });
};

/** A minute of a train's clock as a timestamp, in the zone of the run. */
export const timeOf = ({ zone: name }: RouteFacts, runDate: string, minutes: number): string => {
  const zone = zoneNamed(name);
  return zone.timetableTime(zone.instantMs(runDate, minutes));
};
