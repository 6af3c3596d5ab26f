// What every process has: the system clock, randomness, a logger and metrics.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { zoneNamed } from '@railhead/commands/time/zone.ts';
import type { ValuesOf } from '../../config/setting.ts';
import { createLogger } from '../../observability/logger.ts';
import { Metrics } from '../../observability/metrics.ts';
import type { loggingSettings } from '../../observability/settings.ts';
import { systemBusy } from '../../system/busy.ts';
import { systemClock, systemRandom } from '../../system/system-clock.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';
import type { saleSettings } from '../sale-settings.ts';

type MachineConfig = ValuesOf<typeof loggingSettings & Pick<typeof saleSettings, 'timeZone'>>;

export const machineModule = ({ logLevel, timeZone }: MachineConfig, clock?: Clock): PartModule => ({
  declare: (provide) => {
    provide(PARTS.clock, {}, () => clock ?? systemClock(zoneNamed(timeZone)));
    provide(PARTS.isBusy, {}, () => systemBusy());
    provide(PARTS.random, {}, () => systemRandom);
    provide(PARTS.logger, {}, () => createLogger(logLevel));
    provide(PARTS.metrics, {}, () => new Metrics());
  },
  roots: [PARTS.logger],
});
