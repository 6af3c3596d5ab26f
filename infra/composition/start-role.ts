// Starts a process in a role: all parts are made, then all parts are started.
import type { Container } from 'inversify';
import type { ConfigOf, ProcessRole } from '../config/settings.ts';
import { Lifetime } from './lifetime.ts';
import { containerOf, makeRoots } from './module.ts';
import { PARTS } from './parts.ts';
import { type Foundations, PROCESS_ROLES } from './roles.ts';

export type StartedRole = { readonly container: Container; readonly lifetime: Lifetime };

/** Throws what a part throws that cannot be made or started; all parts have been ended by then. */
export const startRole = async <Role extends ProcessRole>(
  role: Role,
  config: ConfigOf<Role>,
  given: Foundations = {},
): Promise<StartedRole> => {
  const lifetime = new Lifetime();
  const modules = PROCESS_ROLES[role](config, lifetime, given);
  const container = containerOf(modules, lifetime);
  try {
    await makeRoots(container, modules);
    await lifetime.start();
    return { container, lifetime };
  } catch (error) {
    await lifetime.stop().catch((also: unknown) => {
      container.get(PARTS.logger).error({ err: also }, 'a part could not be stopped after a start that failed');
    });
    throw error;
  }
};
