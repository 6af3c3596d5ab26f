// The read models of this process, as operators see them.
import type { ReadBy } from '@railhead/commands/read-models/left-out.ts';
import { baseNameOf } from '@railhead/projections/engine/left-out.ts';
import type { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { ModelState } from '@railhead/read-api/model-states/list-read-models.ts';
import type { ObservedStore } from '../eventstore/observed-store.ts';
import type { ModelLag } from '../http/health-routes.ts';

/** How far each model is; without its lag where the log does not answer, which another part of the process names. */
export const lagsOf = async (
  runners: readonly ProjectionRunner[],
  store: ObservedStore,
): Promise<Readonly<Record<string, ModelLag>>> => {
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

export const modelStatesOf = async (
  runners: readonly ProjectionRunner[],
  store: ObservedStore,
): Promise<readonly ModelState[]> => {
  const lags = await lagsOf(runners, store);
  return runners.map(({ name, state, gate, failure, refused, setAside, leftOut }) => ({
    model: name,
    position: gate.position,
    ...lags[name],
    state,
    ...(failure === undefined ? {} : { failure }),
    ...(refused === undefined ? {} : { refused }),
    setAside,
    leftOut,
  }));
};

/** Databases of a model that is spread are one model. */
export const readByAny = (runners: readonly ProjectionRunner[]): ReadBy => {
  const byName = new Map(runners.map((runner) => [baseNameOf(runner.name), runner]));
  return (model) => {
    const runner = byName.get(model);
    return runner === undefined ? undefined : (category) => runner.reads(category);
  };
};
