// The daily comparison with the payment gateway's statement. Its reports stand in the data folder.
import { timestampOf } from '@railhead/commands/ports/clock.ts';
import { DailyReconciliation } from '@railhead/commands/reconciliation/daily-reconciliation.ts';
import type { dataFolderSettings } from '../../config/data-folder.ts';
import type { ValuesOf } from '../../config/setting.ts';
import { readStatement } from '../../payment/read-statement.ts';
import { paymentsTaskOf, reconciliationReport } from '../../payment/reconciliation-report.ts';
import { fetchStatement } from '../../payment/sandbox/fetch-statement.ts';
import type { paymentSettings } from '../../payment/settings.ts';
import { ReportFolder } from '../../reconciliation/report-folder.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

type ReconciliationConfig = ValuesOf<typeof dataFolderSettings & typeof paymentSettings>;

const { store, clock, logger, metrics, sandbox, dataFolder } = PARTS;

const OFF = '';
const CHANNEL = 'sandbox';
const HOUR_MINUTES = 60;

export const reconciliationModule = (config: ReconciliationConfig): PartModule => ({
  declare: (provide) =>
    provide(
      PARTS.dailyReconciliation,
      { store, clock, logger, metrics, sandbox, dataFolder },
      ({ store, clock, logger, metrics, sandbox, dataFolder }) => {
        const reports = new ReportFolder(dataFolder);
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
          isReported: (date) => reports.has(paymentsTaskOf(date)),
          report: (date, reconciled, startedMs) => {
            for (const action of ['auto', 'alarm'] as const)
              last[action] = reconciled.differences.filter((one) => one.action === action).length;
            const report = reconciliationReport(date, timestampOf(clock, startedMs), timestampOf(clock), reconciled);
            reports.save('payments', report);
            metrics.reconciled.inc({ kind: 'payments', action: 'auto_fixed' }, last.auto);
            metrics.reconciled.inc({ kind: 'payments', action: 'alarm' }, last.alarm);
            metrics.reconciledAt.set({ kind: 'payments' }, clock.now() / 1000);
            metrics.reconciledSeconds.set({ kind: 'payments' }, Math.max(0, clock.now() - startedMs) / 1000);
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
