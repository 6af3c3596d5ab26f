// The gauges that Prometheus reads in a process that sells and shows.
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

const { metrics, store, projectionRunners: runners, orderProcess, processes, pool } = PARTS;

export const gaugesModule: PartModule = {
  declare: (provide) =>
    provide(
      PARTS.gauges,
      { metrics, store, runners, orderProcess, processes, pool },
      ({ metrics, store, runners, orderProcess, processes, pool }) => {
        metrics.gauge('railhead_log_position', 'Position of the last event in the log', () => store.lastPosition());
        metrics.gaugeOfModels('railhead_model_lag_events', 'Events a read model has not taken yet', () =>
          Promise.all(runners.map(async (runner) => ({ model: runner.name, value: await runner.lag() }))),
        );
        const lagSeconds = () =>
          Promise.all(runners.map(async (runner) => ({ model: runner.name, value: await runner.lagSeconds() })));
        metrics.gaugeOfModels(
          'railhead_model_lag_seconds',
          'Age of the newest event a read model has taken, while it is behind; else 0',
          lagSeconds,
        );
        const unfinished = (): number => orderProcess.unfinished;
        metrics.gauge('railhead_unfinished_orders', 'Orders that have not reached an end', unfinished);
        const ofUnknownEnd = (): number => orderProcess.ofUnknownEnd;
        metrics.gauge(
          'railhead_payments_of_unknown_end',
          'Ended orders with a payment of which the gateway has not said how it ends',
          ofUnknownEnd,
        );
        metrics.gaugeOfParts(
          'railhead_streams_set_aside',
          'Streams with an event that this version does not understand',
          () => [...runners, ...processes].map(({ name, setAside }) => ({ part: name, value: setAside.size })),
        );
        const stopped = (): number => pool.stopped.size;
        metrics.gauge('railhead_classes_stopped', 'Classes of runs whose sale has stopped', stopped);
        return true as const;
      },
    ),
  roots: [PARTS.gauges],
};
