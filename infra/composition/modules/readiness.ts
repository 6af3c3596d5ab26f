// Does this process serve? Each part says for itself why it does not.
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import type { Replicas } from '@railhead/projections/engine/replicas/replicas.ts';
import type { ObservedStore } from '../../eventstore/observed-store.ts';
import type { ReplicaLag } from '../../http/health-routes.ts';
import type { Lifetime } from '../lifetime.ts';
import type { AllGenerations } from '../model-generations.ts';
import { lagsOf } from '../model-states.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

const { store, processes, pool, watch, projectionRunners: runners, saleOpening: sale } = PARTS;
const { replicas, modelGenerations: generations, openings } = PARTS;

/** `ok`, or why not. */
type Part = readonly [name: string, isReady: boolean, says: string];

type Following = { readonly name: string; readonly isCaughtUp: boolean; readonly lost: string | undefined };

const following = ({ name, isCaughtUp, lost }: Following): Part => {
  if (lost !== undefined) return [name, false, `lost the log: ${lost}`];
  return [name, isCaughtUp, isCaughtUp ? 'live' : 'reads what was there before it started'];
};

/** By replica and model. None of them keeps this process from serving: the primary answers in its place. */
const replicaLagsOf = async (
  replicas: Replicas,
  store: ObservedStore,
): Promise<Readonly<Record<string, Readonly<Record<string, ReplicaLag>>>>> => {
  const [states, end] = await Promise.all([replicas.states(), store.lastPosition().catch(() => undefined)]);
  const byReplica = new Map<string, Record<string, ReplicaLag>>();
  for (const { replica, model, says, position, lagMs } of states) {
    const models = byReplica.get(replica) ?? {};
    byReplica.set(replica, models);
    models[model] = {
      state: says,
      ...(position === undefined ? {} : { position }),
      ...(position === undefined || end === undefined ? {} : { lagEvents: Math.max(0, end - position) }),
      ...(lagMs === undefined ? {} : { lagSeconds: lagMs / 1_000 }),
    };
  }
  return Object.fromEntries(byReplica);
};

/** What is told and keeps nobody from being served: a class, or a stream, out of many. */
const MOST_NAMED = 100;
const named = (all: ReadonlyMap<string, string>): Readonly<Record<string, string>> =>
  Object.fromEntries([...all].slice(0, MOST_NAMED));

/** A store that is away is named by its model. */
const withheldIn = async ({ availability }: AllGenerations): Promise<ReadonlyMap<string, string>> => {
  const names = await availability.read.opened.queries.states.withheld().catch(() => []);
  return new Map(names.map((name) => [name, 'its seats were not shown as the log has them; see railhead reconcile']));
};

export const readinessModule = (lifetime: Lifetime): PartModule => ({
  declare: (provide) =>
    provide(
      PARTS.readiness,
      { store, processes, pool, watch, openings, runners, replicas, sale, generations },
      ({ store, processes, pool, watch, openings, runners, replicas, sale, generations }) =>
        async () => {
          const failure = await store.ask();
          const parts: readonly Part[] = [
            ['process', !lifetime.isStopping, lifetime.isStopping ? 'stops' : 'runs'],
            ['store', failure === undefined, failure ?? 'writable'],
            ...processes.map(following),
            following(watch),
            following(openings),
            ...runners.map(({ name, state, isReady, isOptional, failure }): Part => {
              const why = failure === undefined ? state : `${state}: ${failure}`;
              return [name, isReady || isOptional, why];
            }),
            ['sale', sale.isOpen, sale.state],
          ];
          const setAside: StreamsSetAside = new Map([...runners, ...processes].flatMap((part) => [...part.setAside]));
          return {
            ready: parts.every(([, isReady]) => isReady),
            parts: Object.fromEntries(parts.map(([name, , says]) => [name, says])),
            models: await lagsOf(runners, store),
            ...(replicas.areThere ? { replicas: await replicaLagsOf(replicas, store) } : {}),
            stoppedClasses: named(pool.stopped),
            streamsSetAside: named(setAside),
            withheldClasses: named(await withheldIn(generations.of)),
          };
        },
    ),
});
