// The gauges that Prometheus reads in a process that sells and shows.
import { waitingOf } from '@railhead/domain/run-queue/fold.ts';
import type { Replicas } from '@railhead/projections/engine/replicas/replicas.ts';
import type { ObservedStore } from '../../eventstore/observed-store.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

const { metrics, store, projectionRunners: runners, orderProcess, processes, pool, replicas, queues } = PARTS;

const gaugesOfReplicas = (metrics: Metrics, replicas: Replicas, store: ObservedStore): void => {
  metrics.gaugeBy(
    ['replica', 'model'],
    'railhead_replica_lag_events',
    'Events that a read model lacks on a replica; none where it may not be shown',
    async () => {
      const [states, end] = await Promise.all([replicas.states(), store.lastPosition()]);
      return states.flatMap(({ replica, model, position }) =>
        position === undefined ? [] : [{ replica, model, value: Math.max(0, end - position) }],
      );
    },
  );
  metrics.countBy(
    ['model', 'from'],
    'railhead_reads_total',
    'Reads of a model that is on replicas, by who has answered',
    () => replicas.reads(),
  );
};

export const gaugesModule: PartModule = {
  declare: (provide) =>
    provide(
      PARTS.gauges,
      { metrics, store, runners, replicas, orderProcess, processes, pool, queues },
      ({ metrics, store, runners, replicas, orderProcess, processes, pool, queues }) => {
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
        if (replicas.areThere) gaugesOfReplicas(metrics, replicas, store);
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
        const waiting = (): number => [...queues.atWork()].reduce((sum, { queue }) => sum + waitingOf(queue), 0);
        metrics.gauge('railhead_queue_waiting', 'People who wait in the queues of runs', waiting);
        const stopped = (): number => pool.stopped.size;
        metrics.gauge('railhead_classes_stopped', 'Classes of runs whose sale has stopped', stopped);
        return true as const;
      },
    ),
  roots: [PARTS.gauges],
};
