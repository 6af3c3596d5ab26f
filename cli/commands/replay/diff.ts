// `railhead replay diff`: what changed between two moments, and the events that changed it.
import { diffRailway } from '@railhead/projections/past/diff-railway.ts';
import { momentsOf } from '@railhead/projections/past/moment.ts';
import { meteredLog } from '@railhead/projections/past/past-log.ts';
import { diffOf, type Kind, NAMED_SO, thingNamed } from '@railhead/projections/past/things.ts';
import { toldDiff } from '@railhead/projections/past/told-moment.ts';
import type { Command } from 'commander';
import { UsageError } from '../../exit-codes.ts';
import { type ConfigOptions, withSettings } from '../../options.ts';
import { printJson } from '../../output.ts';
import { kindNamed, limitOf, NAMES_HELP, PAST_SETTINGS, taken, withPast } from './asked.ts';
import { printDiff, printRailwayDiff } from './print-diff.ts';

type Options = ConfigOptions & {
  readonly from: string;
  readonly to?: string;
  readonly limit: string;
  readonly json?: boolean;
};

const MOST_CHANGES = 100_000;
/** Events of which the changes of the whole railway are told at most: they are counted in memory. */
const MOST_EVENTS = 5_000_000;

export const addDiff = (command: Command): void => {
  withSettings(
    command
      .command('diff')
      .description('what changed between two moments: of an order, a run, a class or a user, or of the whole railway'),
    PAST_SETTINGS,
  )
    .argument('[kind]', 'order, run, class or user; without it the whole railway')
    .argument('[name]')
    .requiredOption('--from <moment>', 'a position of the log, or a time')
    .option('--to <moment>', 'the same; without it the end of the log')
    .option('--limit <n>', 'so many changes at the most; what is left out is counted', '100')
    .option('--json', 'print as JSON, as the API has it')
    .addHelpText('after', NAMES_HELP)
    .action((kind: string | undefined, name: string | undefined, options: Options) =>
      kind === undefined ? diffWhole(options) : diffOne(kindNamed(kind), name, options),
    );
};

const diffOne = (kind: Kind, name: string | undefined, options: Options): Promise<void> => {
  if (name === undefined) throw new UsageError(`name ${NAMED_SO[kind]}`);
  const thing = taken(thingNamed(kind, name));
  const [limit, json] = [limitOf(options.limit, MOST_CHANGES), options.json === true];
  return withPast(options, json, async (past) => {
    const moments = taken(await momentsOf(past.log, { from: options.from, to: options.to }, past.now));
    const diff = toldDiff(moments, taken(await diffOf(past, thing, { ...moments, limit })));
    if (json) printJson({ kind, name, ...diff });
    else printDiff(`${kind} ${name}`, diff);
  });
};

const diffWhole = (options: Options): Promise<void> => {
  const [limit, json] = [limitOf(options.limit, MOST_CHANGES), options.json === true];
  return withPast(options, json, async (past) => {
    const moments = taken(await momentsOf(past.log, { from: options.from, to: options.to }, past.now));
    const log = meteredLog(past.log, { mostEvents: MOST_EVENTS, pageEvents: PAGE, breathe: async () => {} });
    const diff = { ...moments, ...taken(await diffRailway(log, { ...moments, limit })) };
    if (json) printJson(diff);
    else printRailwayDiff(diff);
  });
};

/** As much as a view of the log reads at once. */
const PAGE = 2_000;
