// `railhead reconcile stock|orders|list`: compares what is shown with the log. The process that serves the folder is asked
// to do it; where none does, the command does it by itself.
import { setTimeout as waitMs } from 'node:timers/promises';
import {
  RECONCILIATION_KINDS,
  type ReconciliationKind,
  type ReconciliationReport,
} from '@railhead/commands/ports/reconciliation-reports.ts';
import type { ComparedKind, ComparisonAsked } from '@railhead/commands/reconciliation/reconciliations.ts';
import { parseRunName } from '@railhead/domain/train-run/stream.ts';
import { reconcileHere } from '@railhead/infra/composition/reconcile-here.ts';
import type { Config, SettingName } from '@railhead/infra/config/settings.ts';
import { ownerOf } from '@railhead/infra/eventstore/sqlite/folder-owner.ts';
import { ReportFolder } from '@railhead/infra/reconciliation/report-folder.ts';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { serverAt } from '../ask-server.ts';
import { EXIT, InputError, RefusedByServer, UsageError } from '../exit-codes.ts';
import { type ConfigOptions, configOf, LOG_SETTINGS, readyConfigOf, withSettings } from '../options.ts';
import { print, printJson } from '../output.ts';

type Options = ConfigOptions & { readonly run?: string; readonly repair?: boolean; readonly json?: boolean };
type ListOptions = ConfigOptions & {
  readonly kind?: ReconciliationKind;
  readonly limit: string;
  readonly json?: boolean;
};

/** The name under which the command asks. */
const ASKS_AS = 'railhead-reconcile';
const ASKS_EVERY_MS = 500;
const READ_SETTINGS: readonly SettingName[] = [...LOG_SETTINGS, 'readSql', 'readSqlShards', 'readCache', 'readSearch'];

export const addModelComparisons = (command: Command): void => {
  const stock = command
    .command('stock')
    .description('compare the free seats that are shown with the log; exit code 1 if they differ')
    .option('--run <train_date>', 'only this run, such as G1_2026-12-01');
  const orders = command
    .command('orders')
    .description('compare the orders that are shown and found with the log; exit code 1 if they differ');
  for (const [kind, each] of [['stock', stock] as const, ['orders', orders] as const])
    withSettings(each, READ_SETTINGS)
      .option('--repair', 'write anew from the log whatever differs, however much it is')
      .option('--json', 'print the report as JSON')
      .action(async (options: Options) => {
        const asked = askedBy(options);
        const report = await reconcile(readyConfigOf(options), kind, asked);
        if (options.json === true) printJson(report);
        else show(report);
        if (report.inconsistent_count > 0) process.exitCode = EXIT.finding;
      });
  withSettings(command.command('list').description('the reports of reconciliations, the newest first'))
    .addOption(new Option('--kind <kind>', 'only of this kind').choices([...RECONCILIATION_KINDS]))
    .option('--limit <number>', 'so many', '20')
    .option('--json', 'print them as JSON')
    .action((options: ListOptions) => list(options));
};

const askedBy = ({ run, repair }: Options): ComparisonAsked => {
  if (run === undefined) return { repair };
  const id = parseRunName(run);
  if (id === undefined || !/^[A-Za-z0-9]{1,16}$/.test(id.train) || !z.iso.date().safeParse(id.date).success)
    throw new UsageError(`${run} is not a run such as G1_2026-12-01`);
  return { run: id, repair };
};

const reconcile = async (config: Config, kind: ComparedKind, asked: ComparisonAsked): Promise<ReconciliationReport> => {
  const url = ownerOf(config.data)?.url;
  const report =
    url === undefined ? await reconcileHere(config, kind, asked) : await askServer(url, config, { kind, ...asked });
  if (report === undefined)
    throw new InputError('RUN_NOT_FOUND', `${asked.run?.train} is not on sale for ${asked.run?.date}`);
  if (report.failure !== undefined) throw new RefusedByServer('UNAVAILABLE', report.failure);
  return report;
};

const begunShape = z.object({ task_id: z.string() });

/** Undefined: there is no such run. */
const askServer = async (
  url: string,
  { authSecret }: Config,
  body: ComparisonAsked & { readonly kind: ComparedKind },
): Promise<ReconciliationReport | undefined> => {
  const ask = await serverAt(url, authSecret, ASKS_AS);
  const path = '/v1/admin/reconciliations';
  try {
    let { status, answer } = await ask('POST', path, body);
    while (status === 202) {
      await waitMs(ASKS_EVERY_MS);
      ({ status, answer } = await ask('GET', `${path}/${begunShape.parse(answer).task_id}`));
    }
    // Safe cast: it is the server of this program that answers.
    return answer as ReconciliationReport;
  } catch (error) {
    if (error instanceof RefusedByServer && error.code === 'TRAIN_NOT_FOUND') return undefined;
    throw error;
  }
};

const show = (report: ReconciliationReport): void => {
  print(`${report.task_id}: ${report.total_checked} compared`);
  for (const one of report.inconsistent_details) print(lineOf(one));
  const unnamed = report.inconsistent_count - report.inconsistent_details.length;
  if (unnamed > 0) print(`and ${unnamed} more`);
  const { inconsistent_count: count, auto_fixed_count: fixed } = report;
  print(count === 0 ? 'no differences' : `${count} differences, ${fixed} of them repaired`);
};

const MARK: Readonly<Record<string, string>> = {
  auto_fixed: 'REPAIRED',
  repaired: 'REPAIRED',
  alarm: 'ALARM',
  left: 'LEFT',
};

const lineOf = (detail: Readonly<Record<string, unknown>>): string => {
  const { action, order_no: orderNo, diff } = detail;
  const mark = MARK[String(action)] ?? String(action);
  if (orderNo !== undefined) {
    const { store, kind, fields, shown_status: shown, logged_status: logged } = detail;
    const what = Array.isArray(fields) && fields.length > 0 ? ` in ${fields.join(', ')}` : '';
    return `${mark} ${orderNo} in ${store}: ${kind}${what}; shown ${shown || 'not at all'}, in the log ${logged || 'not at all'}`;
  }
  const { train_number: train, train_date: date, seat_type: seatClass } = detail;
  const { redis_seats: free, shown_held: held = 0, shown_sold: sold = 0 } = detail;
  const { mysql_seats: freeInLog, logged_held: heldInLog = 0, logged_sold: soldInLog = 0 } = detail;
  const name = [train, date, seatClass].filter((part) => part !== '').join(' ');
  return `${mark} ${name}: ${diff} seats; shown free ${free}, held ${held}, sold ${sold}; in the log free ${freeInLog}, held ${heldInLog}, sold ${soldInLog}`;
};

const list = ({ kind, limit, json, ...options }: ListOptions): void => {
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw new UsageError(`${limit} is not a number from 1 to 9999`);
  const { config } = configOf(options);
  const { reports } = new ReportFolder(config.data).list({ kind, limit: Number(limit) });
  if (json === true) {
    printJson({ reconciliations: reports });
    return;
  }
  for (const one of reports)
    print(
      `${one.start_time}  ${one.task_id}  ${one.total_checked} compared, ${one.inconsistent_count} differed, ${one.auto_fixed_count} repaired, ${one.manual_fix_count} left to people${one.failure === undefined ? '' : `; failed: ${one.failure}`}`,
    );
  if (reports.length === 0) print('none');
};
