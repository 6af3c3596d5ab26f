// A module: some parts of a process. A part is made from other parts, which any module may provide.
import 'reflect-metadata';
import { Container, ContainerModule, type ServiceIdentifier } from 'inversify';
import type { Lifetime } from './lifetime.ts';

type Needs = Readonly<Record<string, ServiceIdentifier<unknown>>>;
type Made<Of extends Needs> = {
  readonly [Name in keyof Of]: Of[Name] extends ServiceIdentifier<infer Part> ? Part : never;
};

/** Like `Life`, for a part that has not been made yet. */
type LifeOf<Part> = {
  readonly start?: (part: Part) => unknown;
  readonly stop?: (part: Part) => unknown;
  readonly close?: (part: Part) => unknown;
};

/** Declares how a part is made. It is made once, when it is first needed. */
export type Provide = <Part, Of extends Needs, Adapter extends Part>(
  id: ServiceIdentifier<Part>,
  needs: Of,
  make: (needs: Made<Of>) => Adapter | Promise<Adapter>,
  life?: LifeOf<NoInfer<Adapter>>,
) => void;

/** Declares a part that is there already. It has no life here: whoever made it ends it. */
export type Given = <Part>(id: ServiceIdentifier<Part>, part: Part) => void;

export type PartModule = {
  readonly declare: (provide: Provide, given: Given) => void;
  /** Made in this order even if no other part needs them. */
  readonly roots?: readonly ServiceIdentifier<unknown>[];
};

/** Declares every part and makes none. A part with a life joins the lifetime when it is made. */
export const containerOf = (modules: readonly PartModule[], lifetime: Lifetime, parent?: Container): Container => {
  const container = new Container({ defaultScope: 'Singleton', ...(parent === undefined ? {} : { parent }) });
  for (const { declare } of modules)
    container.load(
      new ContainerModule(({ bind }) => {
        const provide: Provide = (id, needs, make, life) => {
          const names = Object.keys(needs);
          const made = (...parts: readonly unknown[]) =>
            // Safe cast: the container passes the parts in the order of their ids.
            make(Object.fromEntries(names.map((name, index) => [name, parts[index]])) as Made<typeof needs>);
          const binding = bind(id).toResolvedValue(made, Object.values(needs));
          if (life === undefined) return;
          const { start, stop, close } = life;
          binding.onActivation((_, activated) => {
            // Safe cast: it is what `make` made.
            const part = activated as Parameters<NonNullable<typeof start>>[0];
            lifetime.add({
              ...(start === undefined ? {} : { start: () => start(part) }),
              ...(stop === undefined ? {} : { stop: () => stop(part) }),
              ...(close === undefined ? {} : { close: () => close(part) }),
            });
            return activated;
          });
        };
        declare(provide, (id, part) => void bind(id).toConstantValue(part));
      }),
    );
  return container;
};

export const rootsOf = (modules: readonly PartModule[]): readonly ServiceIdentifier<unknown>[] =>
  modules.flatMap(({ roots }) => roots ?? []);

/** One after another, so that parts are made in the order of the modules. */
export const makeRoots = async (container: Container, modules: readonly PartModule[]): Promise<void> => {
  for (const root of rootsOf(modules)) await container.getAsync(root);
};
