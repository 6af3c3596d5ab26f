// `railhead reconcile payments`: compares the gateway's statement of a day with the log, and names every difference.
import { readFileSync } from 'node:fs';
import { PAYMENT_CHANNELS } from '@railhead/commands/ports/payment-gateway.ts';
import {
  PaymentsInLog,
  type Reconciled,
  reconcilePayments,
  type StatedMovement,
} from '@railhead/commands/reconciliation/reconcile-payments.ts';
import { zoneNamed } from '@railhead/commands/time/zone.ts';
import { addDays } from '@railhead/domain/timetable/timetable.ts';
import { openLog } from '@railhead/infra/composition/open-store.ts';
import type { Config } from '@railhead/infra/config/settings.ts';
import { ownerOf } from '@railhead/infra/eventstore/sqlite/folder-owner.ts';
import { readStatement } from '@railhead/infra/payment/read-statement.ts';
import { reconciliationReport, repairOf } from '@railhead/infra/payment/reconciliation-report.ts';
import { fetchStatement } from '@railhead/infra/payment/sandbox/fetch-statement.ts';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { EXIT, UsageError } from '../exit-codes.ts';
import { type ConfigOptions, LOG_SETTINGS, readyConfigOf, withSettings } from '../options.ts';
import { print, printJson } from '../output.ts';
import { addModelComparisons } from './reconcile-models.ts';

type Options = ConfigOptions & {
  readonly date: string;
  readonly statement?: readonly string[];
  readonly channel: string;
  readonly json?: boolean;
};

/** The channel whose gateway can be asked. */
const SANDBOX = 'sandbox';

export const reconcileCommand = (command: Command): Command => {
  withSettings(
    command
      .command('payments')
      .description("compare the payment gateway's statement of a day with the log; exit code 1 if they differ"),
    [...LOG_SETTINGS, 'gatewayUrl', 'timeZone'],
  )
    .requiredOption('--date <date>', "a day of the railway's zone, YYYY-MM-DD")
    .option(
      '--statement <file...>',
      'the statement as a CSV file, with those of the days around it if there are any; otherwise the gateway is asked',
    )
    .addOption(
      new Option('--channel <name>', 'the payment channel whose gateway made the statement')
        .choices([...PAYMENT_CHANNELS])
        .default(SANDBOX),
    )
    .option('--json', 'print the report as JSON')
    .action(async (options: Options) => {
      if (!z.iso.date().safeParse(options.date).success) throw new UsageError(`${options.date} is not a date`);
      const started = new Date().toISOString();
      const config = readyConfigOf(options);
      if (options.date > zoneNamed(config.timeZone).date(Date.now()))
        throw new UsageError(`${options.date} has not come yet`);
      const reconciled = await reconcile(config, options);
      if (options.json === true)
        printJson(reconciliationReport(options.date, started, new Date().toISOString(), reconciled));
      else show(options.date, reconciled);
      if (reconciled.differences.length > 0) process.exitCode = EXIT.finding;
    });
  addModelComparisons(command);
  return command;
};

const reconcile = async (config: Config, { date, statement, channel }: Options): Promise<Reconciled> => {
  if (statement === undefined && channel !== SANDBOX)
    throw new UsageError(`the gateway of the channel ${channel} cannot be asked; name a file with --statement`);
  const stated = statement === undefined ? await statedBy(config, date) : statement.flatMap(fromFile);
  const log = new PaymentsInLog(channel);
  const reader = await openLog(config);
  try {
    for await (const event of reader.all({ after: 0 })) log.add(event);
  } finally {
    await reader.close();
  }
  return reconcilePayments(log, stated, date, zoneNamed(config.timeZone));
};

const fromFile = (path: string): readonly StatedMovement[] => {
  try {
    return readStatement(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error) error.message = `${path}: ${error.message}`;
    throw error;
  }
};

/** With the day before, because the log may hear after midnight of what moved before it. */
const statedBy = async (config: Config, date: string): Promise<readonly StatedMovement[]> => {
  const gatewayUrl = config.gatewayUrl || ownerOf(config.data)?.url;
  if (gatewayUrl === undefined)
    throw new UsageError('no gateway can be asked: nothing serves this folder; name a file with --statement');
  const texts = [addDays(date, -1), date].map((day) =>
    fetchStatement(gatewayUrl, config.gatewaySecret, day, Date.now()),
  );
  return (await Promise.all(texts)).flatMap(readStatement);
};

const show = (date: string, { checked, hereFen, thereFen, differences }: Reconciled): void => {
  print(`${date}: ${checked} movements; log ${yuan(hereFen)}, gateway ${yuan(thereFen)}`);
  for (const one of differences) {
    const what = `${one.kind} ${one.paymentNo}${one.refundNo === '' ? '' : ` ${one.refundNo}`}`;
    print(
      `${one.action === 'auto' ? 'DIFFERS' : 'ALARM'} ${one.code}: ${what} (${one.status}): log ${yuan(one.hereFen)}, gateway ${yuan(one.thereFen)}; ${repairOf(one)}`,
    );
  }
  print(differences.length === 0 ? 'no differences' : `${differences.length} differences`);
};

const yuan = (fen: number): string => (fen / 100).toFixed(2);
