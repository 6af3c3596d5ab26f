// Does this process serve? Each part says for itself why it does not.
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import type { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { ObservedStore } from '../../eventstore/observed-store.ts';
import type { ModelLag } from '../../http/health-routes.ts';
import type { Lifetime } from '../lifetime.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

const { store, processes, pool, watch, projectionRunners: runners, saleOpening: sale } = PARTS;

/** `ok`, or why not. */
type Part = readonly [name: string, isReady: boolean, says: string];

type Following = { readonly name: string; readonly isCaughtUp: boolean; readonly lost: string | undefined };

const following = ({ name, isCaughtUp, lost }: Following): Part => {
  if (lost !== undefined) return [name, false, `lost the log: ${lost}`];
  return [name, isCaughtUp, isCaughtUp ? 'live' : 'reads what was there before it started'];
};

const lagsOf = async (
  runners: readonly ProjectionRunner[],
  store: ObservedStore,
): Promise<Readonly<Record<string, ModelLag>>> => {
  // A log that does not answer is named by another part.
  const end = await store.lastPosition().catch(() => undefined);
  const lags = runners.map(async (runner): Promise<readonly [string, ModelLag]> => {
    const { name, state, gate } = runner;
    const shown = { state, position: gate.position };
    if (end === undefined) return [name, shown];
    const lagSeconds = await runner.lagSeconds(end).catch(() => undefined);
    return [name, { ...shown, lagEvents: await runner.lag(end), ...(lagSeconds === undefined ? {} : { lagSeconds }) }];
  });
  return Object.fromEntries(await Promise.all(lags));
};

/** What is told and keeps nobody from being served: a class, or a stream, out of many. */
const MOST_NAMED = 100;
const named = (all: ReadonlyMap<string, string>): Readonly<Record<string, string>> =>
  Object.fromEntries([...all].slice(0, MOST_NAMED));

export const readinessModule = (lifetime: Lifetime): PartModule => ({
  declare: (provide) =>
    provide(
      PARTS.readiness,
      { store, processes, pool, watch, runners, sale },
      ({ store, processes, pool, watch, runners, sale }) =>
        async () => {
          const failure = await store.ask();
          const parts: readonly Part[] = [
            ['process', !lifetime.isStopping, lifetime.isStopping ? 'stops' : 'runs'],
            ['store', failure === undefined, failure ?? 'writable'],
            ...processes.map(following),
            following(watch),
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
            stoppedClasses: named(pool.stopped),
            streamsSetAside: named(setAside),
          };
        },
    ),
});
