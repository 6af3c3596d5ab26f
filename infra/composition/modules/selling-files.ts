// The operator's files and settings for the sale, as options of the parts that sell.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { bestFitOnly } from '@railhead/commands/allocation/selling-rules.ts';
import { orderSteps } from '@railhead/commands/order-process/order-steps.ts';
import { ConfigError } from '../../config/load-config.ts';
import type { ValuesOf } from '../../config/setting.ts';
import type { limitSettings } from '../../http/settings.ts';
import { loadRollingStock } from '../../rolling-stock/rolling-stock.ts';
import type { rollingStockSettings } from '../../rolling-stock/settings.ts';
import { loadForecasts, loadQuotas } from '../../selling-rules/load-rules.ts';
import type { sellingRulesSettings } from '../../selling-rules/settings.ts';
import { SandboxTicketIssuer } from '../../ticketing/sandbox-ticket-issuer.ts';
import { limitsOf } from '../limits-of.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';
import { queueOptionsOf, type queueSettings } from '../queue-settings.ts';
import { SaleOpening } from '../sale-opening.ts';
import type { saleSettings } from '../sale-settings.ts';
import { prioritiesOf, type waitlistSettings } from '../waitlist-settings.ts';

type SellingConfig = ValuesOf<
  typeof saleSettings &
    typeof queueSettings &
    typeof waitlistSettings &
    typeof limitSettings &
    typeof rollingStockSettings &
    typeof sellingRulesSettings
>;

/** Saved this often, the order process repeats little after a crash. */
const CHECKPOINT_EVERY_MS = 1_000;

const { store, clock, logger, metrics, runs, rules, rollingStock } = PARTS;

/** The files are read before anything is opened, so a wrong file ends the start at once. */
export const sellingFilesModule = (config: SellingConfig): PartModule => ({
  declare: (provide) => {
    provide(rollingStock, {}, () => {
      const folder = config.rollingStock;
      if (folder === '') return loadRollingStock(undefined);
      if (!existsSync(folder)) throw new ConfigError('CONFIG_INVALID', `rollingStock: there is no folder ${folder}`);
      return loadRollingStock(folder);
    });
    provide(rules, {}, () => ({
      ...bestFitOnly,
      quotas: loadQuotas(config.quotas),
      forecasts: loadForecasts(config.forecast),
    }));
  },
  roots: [rollingStock, rules],
});

export const saleOptionsModule = (config: SellingConfig): PartModule => ({
  declare: (provide) =>
    provide(PARTS.saleOptions, { store, clock, logger, metrics }, ({ store, clock, logger, metrics }) => ({
      paymentMinutes: config.paymentMinutes,
      gatewayGraceMinutes: config.gatewayGraceMinutes,
      assignMinutes: config.assignMinutes,
      limits: limitsOf(config),
      ...queueOptionsOf(config),
      priorities: prioritiesOf(config),
      checkpointEveryMs: CHECKPOINT_EVERY_MS,
      issuer: config.ticketIssuer === 'sandbox' ? new SandboxTicketIssuer(clock) : undefined,
      steps: orderSteps,
      allocators: {
        owner: `railhead-${randomUUID()}`,
        // Safe: the folder is locked, and this is the only pool on it.
        soleWriter: store.capabilities.atomicStreams,
        onSnapshotFailed: (key, error) => logger.warn({ ...key, err: error }, 'a snapshot could not be saved'),
        onSaleStopped: (key, detail) => logger.error({ ...key, detail }, 'the sale of a class has stopped'),
        onConflict: () => metrics.allocationConflicts.inc(),
      },
    })),
});

export const saleOpeningModule = ({ saleDays }: SellingConfig): PartModule => ({
  declare: (provide) =>
    provide(
      PARTS.saleOpening,
      { store, clock, logger, runs, rules, rollingStock, snapshots: PARTS.snapshots },
      (parts) => new SaleOpening({ ...parts, saleDays }),
      { stop: (opening) => opening.stop() },
    ),
  roots: [PARTS.saleOpening],
});
