// `railhead replay show`: something as it was at a moment.
import { momentOf } from '@railhead/projections/past/moment.ts';
import { classAt, type Kind, orderAt, runAt, thingNamed, userAt } from '@railhead/projections/past/things.ts';
import { told } from '@railhead/projections/past/told-moment.ts';
import type { Command } from 'commander';
import { UsageError } from '../../exit-codes.ts';
import { type ConfigOptions, withSettings } from '../../options.ts';
import { printJson } from '../../output.ts';
import { kindNamed, limitOf, NAMES_HELP, type OpenPast, PAST_SETTINGS, taken, withPast } from './asked.ts';
import { printClass, printMoment, printOrder, printRun, printUser } from './print-past.ts';

type Options = ConfigOptions & {
  readonly at?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
  readonly json?: boolean;
};

const MOST_ORDERS = 1_000;

export const addShow = (command: Command): void => {
  withSettings(
    command.command('show').description('an order, a run, a class or a user as it was at a moment, from the log alone'),
    PAST_SETTINGS,
  )
    .argument('<kind>', 'order, run, class or user')
    .argument('<name>')
    .option('--at <moment>', 'a position of the log, or a time; without it the end of the log')
    .option('--from <station>', 'of a class: seats from this station …')
    .option('--to <station>', '… to that one, in place of those of each segment')
    .option('--limit <n>', 'of a user: the newest orders, so many', '20')
    .option('--json', 'print as JSON, as the API has it')
    .addHelpText('after', NAMES_HELP)
    .action(async (kind: string, name: string, options: Options) => show(kindNamed(kind), name, options));
};

const show = (kind: Kind, name: string, options: Options): Promise<void> => {
  const thing = taken(thingNamed(kind, name));
  const { from, to, json = false } = options;
  const limit = limitOf(options.limit, MOST_ORDERS);
  if ((from === undefined) !== (to === undefined)) throw new UsageError('--from and --to name a journey together');
  if (from !== undefined && kind !== 'class') throw new UsageError('--from and --to are of a class');
  const journey = from === undefined || to === undefined ? {} : { journey: { from, to } };
  return withPast(options, json, async (past: OpenPast) => {
    const moment = taken(await momentOf(past.log, options.at, past.now));
    const print = <Shown extends object>(state: Shown, lines: (state: Shown) => void): void =>
      json ? printJson(state) : lines(state);
    switch (thing.kind) {
      case 'order':
        return print(told(taken(await orderAt(past, thing.orderNo, moment))), (order) => {
          printOrder(order);
          printMoment(order.moment);
        });
      case 'run':
        return print(told(taken(await runAt(past, thing.run, moment))), (run) => {
          printRun(run);
          printMoment(run.moment);
        });
      case 'class':
        return print(told(taken(await classAt(past, { ...thing.asked, ...journey }, moment))), (shown) => {
          printClass(shown);
          printMoment(shown.moment);
        });
      case 'user':
        return print(told(taken(await userAt(past, thing.userId, moment, { limit }))), (user) => {
          printUser(user);
          printMoment(user.moment);
        });
    }
  });
};
