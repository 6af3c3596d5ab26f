// The daily comparison with the payment gateway's statement. Its reports stand in the data folder.
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { timestampOf } from '@railhead/commands/ports/clock.ts';
import { DailyReconciliation } from '@railhead/commands/reconciliation/daily-reconciliation.ts';
import type { dataFolderSettings } from '../../config/data-folder.ts';
import type { ValuesOf } from '../../config/setting.ts';
import { readStatement } from '../../payment/read-statement.ts';
import { reconciliationReport } from '../../payment/reconciliation-report.ts';
import { fetchStatement } from '../../payment/sandbox/fetch-statement.ts';
import type { paymentSettings } from '../../payment/settings.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

type ReconciliationConfig = ValuesOf<typeof dataFolderSettings & typeof paymentSettings>;

const { store, clock, logger, metrics, sandbox, dataFolder } = PARTS;

const FOLDER = 'reconciliation';
const OFF = '';
const CHANNEL = 'sandbox';
const HOUR_MINUTES = 60;

export const reconciliationModule = (config: ReconciliationConfig): PartModule => ({
  declare: (provide) =>
    provide(
      PARTS.dailyReconciliation,
      { store, clock, logger, metrics, sandbox, dataFolder },
      ({ store, clock, logger, metrics, sandbox, dataFolder }) => {
        const folder = join(dataFolder, FOLDER);
        const last = { auto: 0, alarm: 0 };
        const lastOf = () => Object.entries(last).map(([part, value]) => ({ part, value }));
        metrics.gaugeOfParts(
          'railhead_reconciliation_differences',
          'Differences between the log and the statement of the last day that was compared, by what is done about them',
          lastOf,
        );
        const [hours = 0, minutes = 0] = config.reconcileAt.split(':').map(Number);
        return new DailyReconciliation({
          store,
          clock,
          logger,
          atMinutes: hours * HOUR_MINUTES + minutes,
          channel: CHANNEL,
          // The gateway of this process is asked without HTTP, which is not served yet when the first days are compared.
          statementOf: async (date) =>
            readStatement(
              config.gatewayUrl === ''
                ? sandbox.statement(date)
                : await fetchStatement(config.gatewayUrl, config.gatewaySecret, date, clock.now()),
            ),
          isReported: (date) => existsSync(join(folder, reportName(date))),
          report: (date, reconciled, startedMs) => {
            for (const action of ['auto', 'alarm'] as const)
              last[action] = reconciled.differences.filter((one) => one.action === action).length;
            const report = reconciliationReport(date, timestampOf(clock, startedMs), timestampOf(clock), reconciled);
            writeReport(folder, reportName(date), report);
          },
        });
      },
      {
        start: (daily) => {
          if (config.reconcileAt !== OFF) daily.start();
        },
        stop: (daily) => daily.stop(),
      },
    ),
  roots: [PARTS.dailyReconciliation],
});

const reportName = (date: string): string => `payments-${date}.json`;

/** Whole or not at all, and for the owner's eyes only. */
const writeReport = (folder: string, name: string, report: object): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const beside = join(folder, `${name}.new`);
  writeFileSync(beside, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 });
  chmodSync(beside, 0o600);
  renameSync(beside, join(folder, name));
};
