// The roles of a process: each is a list of modules. Their parts are made and started in this order, and end in
// reverse.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { ConfigOf, ProcessRole } from '../config/settings.ts';
import { ObservedStore } from '../eventstore/observed-store.ts';
import type { Lifetime } from './lifetime.ts';
import type { PartModule } from './module.ts';
import { gaugesModule } from './modules/gauges.ts';
import { httpModule } from './modules/http.ts';
import { dataFolderModule, logModule } from './modules/log.ts';
import { machineModule } from './modules/machine.ts';
import { modelsModule } from './modules/models.ts';
import { orderNumbersModule } from './modules/order-numbers.ts';
import { paymentsModule } from './modules/payments.ts';
import { readinessModule } from './modules/readiness.ts';
import { reconciliationModule } from './modules/reconciliation.ts';
import { reconciliationsModule } from './modules/reconciliations.ts';
import { saleModule } from './modules/sale.ts';
import { saleOpeningModule, saleOptionsModule, sellingFilesModule } from './modules/selling-files.ts';
import { stationsModule } from './modules/stations.ts';
import { PARTS } from './parts.ts';

/** The clock and the store that a process is built on: the system's and the configured one, unless others are given. */
export type Foundations = { readonly clock?: Clock; readonly store?: EventStore };

/** A given store is closed with the process, even if the start fails. */
const givenStore = (store: EventStore): PartModule => ({
  declare: (provide) =>
    provide(PARTS.store, { clock: PARTS.clock }, ({ clock }) => new ObservedStore(store, () => clock.now()), {
      close: (observed) => observed.close(),
    }),
  roots: [PARTS.store],
});

type Modules<Role extends ProcessRole> = (
  config: ConfigOf<Role>,
  lifetime: Lifetime,
  given: Foundations,
) => readonly PartModule[];

export const PROCESS_ROLES: { readonly [Role in ProcessRole]: Modules<Role> } = {
  up: (config, lifetime, given) => [
    ...(given.store === undefined ? [] : [givenStore(given.store)]),
    machineModule(config, given.clock),
    sellingFilesModule(config),
    stationsModule(config),
    ...(given.store === undefined ? [logModule(config)] : []),
    orderNumbersModule(config),
    dataFolderModule(config),
    modelsModule(config),
    saleOptionsModule(config),
    saleModule,
    saleOpeningModule(config),
    paymentsModule(config),
    reconciliationModule(config),
    reconciliationsModule(config),
    gaugesModule,
    readinessModule(lifetime),
    httpModule(config),
  ],
};
