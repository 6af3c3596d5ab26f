// Makes the plan of a seed.
import type { QuotaRule } from '@railhead/commands/allocation/quota-rules.ts';
import { type Composition, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { Priorities, PriorityRule } from '@railhead/domain/waitlist-priorities/events.ts';
import { FEATURES } from './features/all.ts';
import { queueing } from './features/queueing.ts';
import { reachingLimits } from './features/reaching-limits.ts';
import { waiting } from './features/waiting.ts';
import { Dice } from './kernel/dice.ts';
import { FAULT_NAMES, FAULTS, type FaultName, type FaultRates } from './world/faults.ts';
import { type Act, type LimitsPlan, type Plan, type RunPlan, stationOf } from './world/plan.ts';

const MINUTE_MS = 60_000;
/** From the beginning of the world until the first train leaves its first stop. */
const MINUTES_TO_DEPARTURE = 50 * 60 + 2;

/** Minutes of the clock at which the world begins. */
const DAY_BEGINS = 8 * 60;
const MOST_MINUTES_BEFORE_LEAVING = 5;

export const planOf = (seed: number): Plan => {
  const dice = new Dice(`railhead/${seed}`);
  // Each choice has dice of its own, so that a new choice leaves the others as they are.
  const pick = <Value>(name: string, values: readonly Value[]): Value => dice.fork(name).pick(values);
  const chance = (name: string, probability: number): boolean => dice.fork(name).chance(probability);
  const between = (name: string, least: number, most: number): number => dice.fork(name).between(least, most);
  const lastsMs = between('lasts', 4, 24) * MINUTE_MS;
  const underWay = chance('under way', 0.2);
  const acts = actsOf(dice.fork('acts'), lastsMs);
  return {
    seed,
    atomicStreams: chance('atomic', 0.5),
    inOrder: chance('inOrder', 0.5),
    nodes: chance('two nodes', 0.4) ? 2 : 1,
    embedded: chance('embedded', 0.6),
    sharedReads: chance('shared reads', 0.5),
    batchLimit: pick('batch', [1, 3, 20, 1_000]),
    latencyMs: pick('latency', [0.5, 2, 10, 40]),
    lagMs: pick('lag', [0, 5, 50, 400]),
    paymentMinutes: pick('payment', [1, 2, 5, 15]),
    gatewayGraceMinutes: pick('gateway grace', [0, 1, 5, 10]),
    issuer: chance('issuer', 0.4),
    assignMinutes: assignMinutesOf(underWay, chance('assign', 0.7), between('assigned', 1, 20)),
    checkpointEveryMs: pick('checkpoint', [2_000, 10_000, 30_000]),
    snapshotEvery: pick('snapshot', [5, 30, 100_000]),
    queueLimit: chance('queue', 0.1) ? between('queue limit', 2, 10) : 50_000,
    trains: underWay
      ? trainsOf(dice.fork('trains')).map((run) => leavingToday(dice.fork(`${run.train} leaves`), run, lastsMs))
      : trainsOf(dice.fork('trains')),
    faults: faultsOf(dice.fork('faults')),
    lastsMs,
    acts,
    ...(acts.some(({ feature }) => feature === waiting.name) && chance('priorities', 0.5)
      ? { priorities: prioritiesOf(dice.fork('priorities of lives')) }
      : {}),
    ...(acts.some(({ feature }) => feature === queueing.name) ? { queue: queueOf(dice.fork('run queue')) } : {}),
    ...(acts.some(({ feature }) => feature === reachingLimits.name) ? { limits: limitsOf(dice.fork('limits')) } : {}),
  };
};

/** Mostly the same in every life; sometimes they change with a restart, also to none and back. */
const prioritiesOf = (dice: Dice): NonNullable<Plan['priorities']> => {
  const some = (): Priorities => ({
    rules: dice.pick<readonly PriorityRule[]>([
      ['member-level', 'party-size'],
      ['party-size', 'member-level'],
      ['member-level'],
      ['party-size'],
    ]),
    sameTimeSeconds: dice.pick([0, 60, 3_600, 3_600]),
  });
  const first = some();
  return dice.chance(0.3) ? [first, dice.pick([{ rules: [], sameTimeSeconds: 0 }, some()])] : [first];
};

/** Small numbers, so that people wait. */
const queueOf = (dice: Dice): NonNullable<Plan['queue']> => ({
  first: dice.pick([0, 1, 3]),
  leastPerSecond: dice.pick([0.2, 1, 5]),
  mostWaiting: dice.pick([3, 8, 50_000]),
});

/** Trains that meet in time, also across midnight, and some that do not. */
const limitsOf = (dice: Dice): LimitsPlan => {
  const run = (train: string, first: number): RunPlan => ({
    train,
    stops: 4,
    composition: [{ coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 4, letters: 'ABCDF' } }],
    lateAssignment: [],
    leaves: { first, every: 30 },
  });
  return {
    ticketsPerTrain: dice.pick([2, 3, 5]),
    ticketsPerDocument: dice.pick([1, 2, 3, 10]),
    unpaidEndsPerDay: dice.pick([2, 3, 50]),
    trains: [run('D1', 13 * 60), run('D2', 14 * 60), run('D3', 18 * 60), run('N1', 23 * 60), run('N2', 23 * 60 + 40)],
    nextDay: [run('E1', 5), run('E2', 40), run('E3', 9 * 60)],
  };
};

const assignMinutesOf = (underWay: boolean, isInTheDay: boolean, minutes: number): number => {
  if (underWay) return Math.min(minutes, MOST_MINUTES_BEFORE_LEAVING);
  return isInTheDay ? MINUTES_TO_DEPARTURE - minutes : 0;
};

/** Trains that leave during the day, or have left some stops when it begins. Without quotas, which would lapse then. */
const leavingToday = (dice: Dice, { quotas: _, ...run }: RunPlan, lastsMs: number): RunPlan => ({
  ...run,
  leaves: { first: DAY_BEGINS + dice.between(-6, Math.floor(lastsMs / MINUTE_MS)), every: dice.between(2, 6) },
});

const trainsOf = (dice: Dice): readonly RunPlan[] =>
  Array.from({ length: dice.pick([1, 1, 1, 2]) }, (_, n) => {
    const run: RunPlan = {
      train: `G${n + 1}`,
      stops: dice.pick([2, 3, 4, 4, 5, 7]),
      composition: compositionOf(dice),
      lateAssignment: dice.chance(0.2) ? ['second'] : [],
    };
    const quotaDice = dice.fork(`quotas of ${run.train}`);
    return quotaDice.chance(0.25) ? { ...run, quotas: quotasOf(quotaDice, run) } : run;
  });

const quotasOf = (dice: Dice, { train, stops, composition }: RunPlan): readonly QuotaRule[] =>
  Array.from({ length: dice.between(1, 2) }, () => {
    const from = dice.between(0, stops - 2);
    const seats = dice.between(1, Math.max(1, Math.floor(seatsOfClass(composition, 'second').length / 2)));
    const kept = { train, seatClass: 'second', seats, untilMinutesBefore: 0 } as const;
    return dice.chance(0.5)
      ? { ...kept, from: stationOf(from), to: stationOf(dice.between(from + 1, stops - 1)) }
      : { ...kept, boardingAt: stationOf(from) };
  });

/** Small trains: with few seats there are many conflicts. */
const compositionOf = (dice: Dice): Composition => {
  const standing = dice.pick([0, 0, 0, 1, 3]);
  const coach = (number: number, seatClass: 'first' | 'second') =>
    ({
      ...(standing > 0 && seatClass === 'second' ? { standing } : {}),
      coach: String(number).padStart(2, '0'),
      seatClass,
      layout: { kind: 'rows', rows: dice.pick([1, 1, 2, 3, 7]), letters: dice.pick(['A', 'AC', 'ABC', 'ABCDF']) },
    }) as const;
  return [coach(1, 'second'), ...(dice.chance(0.3) ? [coach(2, 'first')] : [])];
};

/** Swarm testing: each kind of fault is off, rare or common; in one world of eight there are none. */
const faultsOf = (dice: Dice): FaultRates => {
  const calm = dice.chance(0.125);
  const rate = (name: FaultName): number => (calm ? 0 : FAULTS[name] * dice.fork(name).pick([0, 0, 0.3, 1, 3]));
  // One rate for each name.
  return Object.fromEntries(FAULT_NAMES.map((name) => [name, rate(name)])) as FaultRates;
};

const actsOf = (dice: Dice, lastsMs: number): readonly Act[] => {
  const wanted = FEATURES.filter(({ name, likelihood = 0.6 }) => dice.fork(name).chance(likelihood)).map((feature) => ({
    feature,
    count: dice.fork(`${feature.name}s`).between(feature.acts[0], feature.acts[1]),
    when: dice.fork(`${feature.name} when`),
  }));
  // A sale opens with a rush: some worlds are all rush, some have none.
  const rush = dice.pick([0, 0.3, 0.9]);
  const rushMs = dice.pick([50, 1_000, 20_000]);
  return wanted
    .flatMap(({ feature: { name }, count, when }) =>
      Array.from({ length: count }, (_, n) => ({
        feature: name,
        atMs: Math.floor(when.next() * (when.chance(rush) ? rushMs : lastsMs)),
        seed: `${dice.seed}/${name}/${n}`,
      })),
    )
    .sort((a, b) => a.atMs - b.atMs);
};
