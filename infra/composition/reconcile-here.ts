// Compares read models with the log where no process serves the folder: opens log and models as a server does, waits until
// the models have what the log has, and sells nothing.
import { pause } from '@railhead/commands/ports/clock.ts';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { ReconciliationReport } from '@railhead/commands/ports/reconciliation-reports.ts';
import type { ComparedKind, ComparisonAsked } from '@railhead/commands/reconciliation/reconciliations.ts';
import { baseNameOf } from '@railhead/projections/engine/left-out.ts';
import type { Config } from '../config/settings.ts';
import { Lifetime } from './lifetime.ts';
import { containerOf, makeRoots } from './module.ts';
import { dataFolderModule, logModule } from './modules/log.ts';
import { machineModule } from './modules/machine.ts';
import { modelsModule } from './modules/models.ts';
import { orderNumbersModule } from './modules/order-numbers.ts';
import { reconciliationsModule } from './modules/reconciliations.ts';
import { stationsModule } from './modules/stations.ts';
import { PARTS } from './parts.ts';

const LOOKS_EVERY_MS = 50;
/** A model that could not go on for so long is not waited for. */
const PATIENCE_MS = 10_000;
/** What is compared stands in these models. */
const MODELS: Readonly<Record<ComparedKind, readonly string[]>> = {
  stock: ['availability'],
  orders: ['orders', 'orderSearch'],
};

/** Undefined: there is no such run. Throws what keeps it from being done. */
export const reconcileHere = async (
  config: Config,
  kind: ComparedKind,
  asked: ComparisonAsked,
): Promise<ReconciliationReport | undefined> => {
  const lifetime = new Lifetime();
  const modules = [
    machineModule(config),
    logModule(config),
    dataFolderModule(config),
    stationsModule(config),
    orderNumbersModule(config),
    modelsModule(config),
    reconciliationsModule({ reconcileEveryMinutes: 0 }),
  ];
  const container = containerOf(modules, lifetime);
  try {
    await makeRoots(container, modules);
    await lifetime.start();
    const runners = container
      .get(PARTS.projectionRunners)
      .filter(({ name, isBeside }) => !isBeside && MODELS[kind].includes(baseNameOf(name)));
    const clock = container.get(PARTS.clock);
    for (let failedMs = 0; !runners.every(({ isReady }) => isReady); ) {
      const failed = runners.find(({ failure }) => failure !== undefined);
      failedMs = failed === undefined ? 0 : failedMs + LOOKS_EVERY_MS;
      if (failed !== undefined && failedMs >= PATIENCE_MS)
        throw new EventStoreError('STORE_UNAVAILABLE', `the read model ${failed.name} cannot go on: ${failed.failure}`);
      await pause(clock, LOOKS_EVERY_MS);
    }
    const begun = container.get(PARTS.reconciliations).begin(kind, asked);
    // Nobody else can have begun one.
    if (!begun.ok) throw new Error(begun.refusal.detail);
    return await begun.value.report;
  } finally {
    await lifetime.stop();
  }
};
