// `railhead replay simulate`: what a run would have sold under other rules, from the requests that the log has.
import { payersOf } from '@railhead/commands/what-if/payers.ts';
import { soldRunIn, whatIf } from '@railhead/commands/what-if/what-if.ts';
import { loadPolicy } from '@railhead/infra/selling-rules/load-policy.ts';
import { thingNamed } from '@railhead/projections/past/things.ts';
import { toldStreams } from '@railhead/projections/past/told-moment.ts';
import type { Command } from 'commander';
import { RefusedByLog, UsageError } from '../../exit-codes.ts';
import { type ConfigOptions, configOf, LOG_SETTINGS, withSettings } from '../../options.ts';
import { Progress, printJson } from '../../output.ts';
import { limitOf, taken, withPast } from './asked.ts';
import { printWhatIf } from './print-what-if.ts';
import { runsLike } from './runs-like.ts';

type Options = ConfigOptions & {
  readonly policy: readonly string[];
  readonly run: string;
  readonly paidShare: string;
  readonly limit: string;
  readonly json?: boolean;
};

const MOST_POLICIES = 8;
const MOST_NAMED = 100_000;
const MINUTE_MS = 60_000;

export const addSimulate = (command: Command): void => {
  withSettings(
    command
      .command('simulate')
      .description('what a run would have sold under other selling rules, from the requests that the log has'),
    [...LOG_SETTINGS, 'paymentMinutes'],
  )
    .requiredOption('--policy <file>', 'JSON file of a policy; may be given several times', collect)
    .requiredOption('--run <run>', 'a run such as G1/2026-12-01')
    .option(
      '--paid-share <share>',
      'of orders that get seats only in the simulation, the share that is paid, 0 to 1',
      '1',
    )
    .option('--limit <n>', 'orders named of each kind at the most; what is left out is counted', '10')
    .option('--json', 'print as JSON')
    .action(simulate);
};

const collect = (file: string, files: readonly string[] = []): readonly string[] => [...files, file];

const shareOf = (text: string): number => {
  const share = Number(text);
  if (!/^[\d.]+$/.test(text) || !(share >= 0 && share <= 1))
    throw new UsageError(`--paid-share must be a number from 0 to 1, not ${text}`);
  return share;
};

const simulate = async (options: Options): Promise<void> => {
  const json = options.json === true;
  const thing = taken(thingNamed('run', options.run));
  if (thing.kind !== 'run') throw new UsageError('--run names a run');
  if (options.policy.length > MOST_POLICIES) throw new UsageError(`${MOST_POLICIES} policies are compared at the most`);
  const paidShare = shareOf(options.paidShare);
  const mostNamed = limitOf(options.limit, MOST_NAMED);
  const { paymentMinutes } = configOf(options).config;
  const policies = options.policy.map(loadPolicy);
  const twice = policies.find(({ name }, index) => policies.findIndex((one) => one.name === name) !== index);
  if (twice !== undefined) throw new UsageError(`two policies are called ${twice.name}; give one a name of its own`);
  await withPast(options, json, async ({ log }) => {
    const end = await log.lastPosition();
    const progress = new Progress('Requests of the run', { quiet: json });
    const found = await soldRunIn(log, thing.run, end, (position) => progress.update(position, end));
    if (!found.ok && found.refusal.code === 'TRAIN_NOT_FOUND') {
      const { code, detail } = found.refusal;
      throw new RefusedByLog({ code, detail: `${detail}${await runsLike(log, thing.run)}` });
    }
    const sold = taken(found);
    progress.end(`${sold.asked.size} found by reading the log to position ${end}`);
    const selling = new Progress('Sold again', { quiet: json });
    const payers = payersOf(paidShare, paymentMinutes * MINUTE_MS);
    const { setAside, ...answer } = taken(whatIf(sold, policies, { payers, mostNamed }));
    selling.end(`${policies.length} times`);
    const told = { ...answer, position: end, paidShare, paymentMinutes, setAside: toldStreams(setAside) };
    if (json) printJson(told);
    else printWhatIf(told);
  });
};
