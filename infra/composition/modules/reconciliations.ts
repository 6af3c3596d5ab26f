// Comparisons of what is shown with the log: of free seats, and of orders.
import { setImmediate } from 'node:timers/promises';
import { timestampOf } from '@railhead/commands/ports/clock.ts';
import { type EventStore, EventStoreError, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { givingWay } from '@railhead/commands/reconciliation/giving-way.ts';
import { COMPARED_KINDS, Reconciliations } from '@railhead/commands/reconciliation/reconciliations.ts';
import { reconcileStock } from '@railhead/projections/availability/reconcile-stock.ts';
import { EventsLeftOut } from '@railhead/projections/engine/left-out.ts';
import { logWithout } from '@railhead/projections/engine/log-without.ts';
import { type ComparedStore, reconcileOrders } from '@railhead/projections/order-search/reconcile-orders.ts';
import type { ValuesOf } from '../../config/setting.ts';
import { ReportFolder } from '../../reconciliation/report-folder.ts';
import type { reconciliationSettings } from '../../reconciliation/settings.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

const {
  store,
  clock,
  logger,
  metrics,
  dataFolder,
  modelGenerations: generations,
  projectionRunners: runners,
  isBusy,
} = PARTS;
const { servedOrders } = PARTS;

const ACTIONS = ['auto_fixed', 'repaired', 'alarm', 'left'] as const;

export const reconciliationsModule = (config: ValuesOf<typeof reconciliationSettings>): PartModule => ({
  declare: (provide) =>
    provide(
      PARTS.reconciliations,
      { store, clock, logger, metrics, dataFolder, generations, servedOrders, runners, isBusy },
      ({ store: log, clock, logger, metrics, dataFolder, generations, servedOrders, runners, isBusy }) => {
        const giveWay = givingWay(clock, isBusy, () => setImmediate());
        const timestamp = () => timestampOf(clock);
        const { availability, orderSearch } = generations.of;
        // Those that are read when something is compared.
        const statesNow = () => availability.read.opened.queries.states;
        const documentsNow = () => orderSearch.read.opened.queries.documents;
        const isLive = (model: string) => runners.some(({ name, state }) => name === model && state === 'live');
        for (const kind of COMPARED_KINDS) for (const action of ACTIONS) metrics.reconciled.inc({ kind, action }, 0);
        const withheld = async () =>
          (
            await statesNow()
              .withheld()
              .catch(() => [])
          ).length;
        metrics.gauge(
          'railhead_classes_withheld',
          'Classes that are not shown, because too many of their seats were not as the log has them',
          withheld,
        );
        return new Reconciliations({
          clock,
          logger,
          reports: new ReportFolder(dataFolder),
          everyMinutes: config.reconcileEveryMinutes,
          comparisons: {
            stock: {
              isFedHere: () => statesNow().isFedHere && isLive(availability.model),
              compare: async (asked, signal) => {
                const { leftOut, unchanged } = await decidedOf(log, ['availability']);
                const pause = () => giveWay(signal).then(unchanged);
                const [of = EventsLeftOut.none] = leftOut;
                return reconcileStock(
                  { log: logWithout(log, of), states: statesNow(), giveWay: pause, timestamp },
                  asked,
                );
              },
            },
            orders: {
              isFedHere: () => servedOrders.rows().parts.some(({ isFedHere }) => isFedHere) || documentsNow().isFedHere,
              compare: async (asked, signal) => {
                const { leftOut, unchanged } = await decidedOf(log, ['orders', 'orderSearch']);
                const [ofOrders = EventsLeftOut.none, ofSearch = EventsLeftOut.none] = leftOut;
                const takes = (store: ComparedStore, event: RecordedEvent): boolean =>
                  (store === 'orders' ? ofOrders : ofSearch).takes(event);
                const pause = () => giveWay(signal).then(unchanged);
                const rows = servedOrders.rows();
                return reconcileOrders(
                  { log, rows, takes, documents: documentsNow(), giveWay: pause, timestamp },
                  asked,
                );
              },
            },
          },
          done: (kind, { counts }, seconds) => {
            for (const action of ACTIONS) metrics.reconciled.inc({ kind, action }, counts[action]);
            metrics.reconciledAt.set({ kind }, clock.now() / 1000);
            metrics.reconciledSeconds.set({ kind }, seconds);
          },
        });
      },
      {
        start: (reconciliations) => reconciliations.start(),
        stop: (reconciliations) => reconciliations.stop(),
      },
    ),
  roots: [PARTS.reconciliations],
});

/** What is decided about events of these models. `unchanged` rejects when something else is decided meanwhile. */
const decidedOf = async (log: Pick<EventStore, 'readStream'>, models: readonly string[]) => {
  const read = () => Promise.all(models.map((model) => EventsLeftOut.read(log, model)));
  const leftOut = await read();
  const unchanged = async (): Promise<void> => {
    const now = await read();
    if (now.some(({ end }, index) => end !== leftOut[index]?.end))
      throw new EventStoreError('STORE_UNAVAILABLE', 'a model leaves out other events now; compare it later');
  };
  return { leftOut, unchanged };
};
