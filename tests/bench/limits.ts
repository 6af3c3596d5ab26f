// What the limits of users and documents cost: orders on one hot train, everybody another person, with the limits of a
// railway and without, in turns.
import { NO_LIMITS } from '@railhead/commands/limits/limits.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { Benchmark } from './benchmark.ts';
import { buyers, percentiles, type Sold } from './buyers.ts';
import { cpuDetails } from './cpu-times.ts';
import { hotJourneys } from './journeys.ts';
import { openWorld } from './world.ts';

const SEATS = 1_200;
const STOPS = 10;
const DAYS = 60;
const HOT_TRAINS = 10;
const IN_FLIGHT = 5_000;
const WARM_UP = 5_000;
const TURNS = 3;

export const limits: Benchmark = {
  name: 'limits',
  about: 'orders on one hot train with the limits of users and documents, beside the same without them, in turns',
  async *run({ seconds }) {
    for (let turn = 1; turn <= TURNS; turn += 1) {
      const without = await rate(seconds, false);
      const limited = await rate(seconds, true);
      const [reference, value] = [without.seated / without.seconds, limited.seated / limited.seconds];
      yield {
        name: `limits/turn-${turn}`,
        value,
        unit: 'orders/s',
        ...percentiles(limited.latenciesMs),
        references: [{ name: 'the same without limits', value: reference, ratio: value / reference }],
        details: {
          seats: SEATS,
          stops: STOPS,
          inFlight: IN_FLIGHT,
          seated: limited.seated,
          refused: limited.refused,
          ...cpuOf(limited),
          cpuWithoutLimits: cpuOf(without).cpuByThread ?? '',
        },
      };
    }
  },
};

const cpuOf = ({ cpu, seated, refused }: Sold) => cpuDetails(cpu, seated + refused);

const rate = async (seconds: number, isLimited: boolean): Promise<Sold> => {
  const world = await openWorld({
    seats: SEATS,
    stops: STOPS,
    days: DAYS,
    trains: HOT_TRAINS + 1,
    limits: isLimited
      ? {
          ...NO_LIMITS,
          ticketsPerTrain: () => 5,
          ticketsPerDocument: 10,
          mayOverlap: false,
          unpaidEndsPerDay: () => 3,
        }
      : NO_LIMITS,
  });
  try {
    const runs = { seats: SEATS, stops: STOPS, dates: world.dates };
    const warm = hotJourneys({ ...runs, firstTrain: HOT_TRAINS, trains: 1 }, seededRandom(2));
    await buyers(world, IN_FLIGHT, 'warm', (n) => (n < WARM_UP ? warm(n) : undefined));
    const hot = hotJourneys({ ...runs, firstTrain: 0, trains: HOT_TRAINS }, seededRandom(1));
    const until = Date.now() + seconds * 1000;
    return await buyers(world, IN_FLIGHT, 'hot', (n) => (Date.now() < until ? hot(n) : undefined));
  } finally {
    await world.close();
  }
};
