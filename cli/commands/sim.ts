import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Summary } from '@railhead/tests/simulation/campaign.ts';

import { type Command, Option } from 'commander';

import { EXIT, UsageError } from '../exit-codes.ts';
import { print, printJson } from '../output.ts';

type SimOptions = {
  readonly seeds: string;
  readonly seed?: string;
  readonly from: string;
  readonly minutes?: string;
  readonly workers: string;
  readonly json?: boolean;
  readonly shrink?: boolean;
  readonly planted?: boolean;
  readonly within?: string;
  readonly keepGoing?: boolean;
};

const MOST_FAILURES = 20;

export const simCommand = (command: Command): Command =>
  command
    .option('--seeds <n>', 'how many', '200')
    .option('--from <n>', 'the first of them', '1')
    .addOption(
      new Option('--seed <n>', 'only this one').conflicts(['seeds', 'from', 'minutes', 'workers', 'keepGoing']),
    )
    .addOption(new Option('--minutes <n>', 'as many as there is time for').conflicts('seeds'))
    .option('--workers <n>', 'processes that share the seeds', '1')
    .option('--keep-going', `go on after a failure, up to ${MOST_FAILURES} of them, and name them all at the end`)
    .addOption(
      new Option('--shrink', 'cut the first failing world down to the smallest that still fails').conflicts('workers'),
    )
    .addOption(
      new Option('--planted', 'plant one bug after another instead, and count the seeds until it is caught').conflicts([
        'seed',
        'seeds',
        'from',
        'minutes',
        'workers',
        'keepGoing',
        'shrink',
      ]),
    )
    .option('--within <n>', 'of the planted bugs only those that must be caught within so many seeds')
    .option('--json', 'one JSON object a line')
    .action(sim);

const sim = async (options: SimOptions): Promise<void> => {
  const workers = wholeNumber('--workers', options.workers, 1, 64);
  if (options.planted === true) {
    const { within = '1000' } = options;
    return planted(options.json === true, wholeNumber('--within', within, 1, 1_000));
  }
  const one = options.seed === undefined ? undefined : wholeNumber('--seed', options.seed, 0, Number.MAX_SAFE_INTEGER);
  const range = {
    first: one ?? wholeNumber('--from', options.from, 0, Number.MAX_SAFE_INTEGER),
    count:
      one === undefined && options.minutes === undefined ? wholeNumber('--seeds', options.seeds, 1, 1_000_000_000) : 1,
  };
  const minutes = options.minutes === undefined ? undefined : Number(options.minutes);
  if (minutes !== undefined && !(minutes > 0)) throw new UsageError('--minutes must be more than 0');
  const endless = one === undefined && minutes !== undefined;
  const mostFailures = options.keepGoing === true ? MOST_FAILURES : 1;
  const wanted = { ...range, count: endless ? Number.MAX_SAFE_INTEGER / 2 : range.count, minutes, mostFailures };
  if (workers > 1 && one === undefined) return shared(wanted, workers, options.json === true);
  await alone(wanted, { single: one !== undefined, json: options.json === true, shrink: options.shrink === true });
};

const wholeNumber = (flag: string, text: string, least: number, most: number): number => {
  const value = Number(text);
  if (!(Number.isSafeInteger(value) && value >= least && value <= most))
    throw new UsageError(`${flag} must be a whole number from ${least} to ${most}`);
  return value;
};

type Wanted = {
  readonly first: number;
  readonly count: number;
  readonly minutes: number | undefined;
  readonly mostFailures: number;
};

const PROGRESS_EVERY_MS = 10_000;

const alone = async (
  { first, count, minutes, mostFailures }: Wanted,
  { single, json, shrink }: { readonly single: boolean; readonly json: boolean; readonly shrink: boolean },
): Promise<void> => {
  const { plansFrom, planOfRegression, regressions, runCampaign } = await import(
    '@railhead/tests/simulation/campaign.ts'
  );
  const known = single ? [] : regressions().map(planOfRegression);
  if (known.length > 0 && !json) print(`first ${known.length} kept regressions, then the seeds; all are counted below`);
  let shownMs = Date.now();
  const summary = await runCampaign({
    plans: chain(known, plansFrom(first, count)),
    mostFailures,
    ...(minutes === undefined ? {} : { untilMs: Date.now() + minutes * 60_000 }),
    onResult: (result, so) => {
      if (single) show({ ...result, failure: result.failure?.code }, json, () => oneWorld(result));
      if (!single && !json && result.failure !== undefined && mostFailures > 1)
        print(`seed ${result.seed}: ${result.failure.detail}`);
      if (single || Date.now() - shownMs < PROGRESS_EVERY_MS) return;
      shownMs = Date.now();
      if (json) printJson(totals(so));
      else print(`${line(so)}; at seed ${result.seed}`);
    },
  });
  show({ ...totals(summary), failures: summary.failures }, json, () => line(summary));
  await finish(summary, { json, shrink });
};

const finish = async (
  { failures: [first, ...others] }: Summary,
  { json, shrink: wanted }: { readonly json: boolean; readonly shrink: boolean },
): Promise<void> => {
  if (first === undefined) return;
  process.exitCode = EXIT.finding;
  const { failureReport } = await import('@railhead/tests/simulation/report.ts');
  if (!json) {
    print(`\n${failureReport(first.seed, first.failure)}`);
    for (const { seed, failure } of others) print(`\nalso seed ${seed}: ${failure.detail}`);
  }
  if (!wanted) {
    if (!json) print(`\nagain: railhead sim --seed ${first.seed}; smaller: railhead sim --seed ${first.seed} --shrink`);
    return;
  }
  const { shrink } = await import('@railhead/tests/simulation/shrink.ts');
  const { planOf } = await import('@railhead/tests/simulation/plan-of.ts');
  const { runPlan } = await import('@railhead/tests/simulation/run-seed.ts');
  const small = await shrink(planOf(first.seed), first.failure.code);
  const { failure } = await runPlan(small.plan);
  if (!json && failure !== undefined)
    print(`\nafter ${small.tries} tries, ${small.plan.acts.length} acts left\n${failureReport(first.seed, failure)}`);
  print(JSON.stringify({ why: failure?.detail, plan: small.plan }));
};

const planted = async (json: boolean, most: number): Promise<void> => {
  const { huntPlanted } = await import('@railhead/tests/simulation/planted/hunt.ts');
  let missed = 0;
  for await (const { name, about, within, seeds, code } of huntPlanted(most)) {
    if (code === undefined) missed += 1;
    const how = code === undefined ? `NOT caught within ${within} seeds` : `caught by seed ${seeds} as ${code}`;
    show({ name, about, within, seeds, code }, json, () => `${name.padEnd(28)} ${how} (must be within ${within})`);
  }
  if (missed > 0) process.exitCode = EXIT.finding;
};

/** Divides the seeds among the workers. Every worker also runs the regression list, which is short. */
const shared = async (
  { first, count, minutes, mostFailures }: Wanted,
  workers: number,
  json: boolean,
): Promise<void> => {
  const share = minutes === undefined ? Math.ceil(count / workers) : 10_000_000;
  const began = Date.now();
  const sums = await Promise.all(
    Array.from({ length: workers }, async (_, n) => {
      const from = first + n * share;
      const own = minutes === undefined ? Math.max(0, Math.min(share, first + count - from)) : share;
      if (own === 0) return undefined;
      const range = minutes === undefined ? ['--seeds', String(own)] : ['--minutes', String(minutes)];
      if (mostFailures > 1) range.push('--keep-going');
      const args = [process.argv[1] ?? '', 'sim', '--json', '--from', String(from), ...range];
      const child = spawn(process.execPath, [...process.execArgv, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      let last = '';
      for await (const text of createInterface({ input: child.stdout })) {
        last = text;
        if (!json) print(text.startsWith('{') ? `worker ${n + 1}: ${line(JSON.parse(text) as Totals)}` : text);
      }
      const [code] = (await ended) as [number | null];
      if (code !== EXIT.ok && code !== EXIT.finding) throw new Error(`worker ${n + 1} ended with ${code}`);
      // Safe cast: the last line of a worker is its summary.
      return JSON.parse(last) as Totals & Pick<Summary, 'failures'>;
    }),
  );
  const failures = sums.flatMap((sum) => sum?.failures ?? []);
  const add = (field: 'worlds' | 'operations' | 'events' | 'steps' | 'virtualMs'): number =>
    sums.reduce((total, sum) => total + (sum?.[field] ?? 0), 0);
  const summary: Summary = {
    worlds: add('worlds'),
    operations: add('operations'),
    events: add('events'),
    steps: add('steps'),
    virtualMs: add('virtualMs'),
    seconds: (Date.now() - began) / 1_000,
    failures,
  };
  show({ ...totals(summary), failures }, json, () => line(summary));
  await finish(summary, { json, shrink: false });
};

type Totals = Omit<Summary, 'failures'>;
const totals = ({ failures: _, ...rest }: Summary): Totals => rest;

const HOUR_MS = 3_600_000;

const line = ({ worlds, operations, seconds, virtualMs }: Totals): string =>
  `${worlds} days in ${seconds.toFixed(1)} s (${((worlds / Math.max(seconds, 0.001)) * 60).toFixed(0)} a minute), ` +
  `${Math.round(operations / Math.max(worlds, 1))} operations each, ${(virtualMs / HOUR_MS).toFixed(1)} hours lived`;

const oneWorld = (result: {
  readonly seed: number;
  readonly hash: string;
  readonly operations: number;
  readonly events: number;
}): string =>
  `seed ${result.seed}: ${result.operations} operations, ${result.events} events, log ${result.hash.slice(0, 16)}`;

const show = (value: object, json: boolean, text: () => string): void => (json ? printJson(value) : print(text()));

function* chain<Item>(...parts: readonly Iterable<Item>[]): Iterable<Item> {
  for (const part of parts) yield* part;
}
