// A comparison of the free seats that each node shows with the log finds nothing, whatever happened on the way.
import { reconcileStock } from '@railhead/projections/availability/reconcile-stock.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';

export const checkReconciliation = async ({ log, nodes }: World): Promise<void> => {
  for (const { name, parts } of nodes) {
    if (parts === undefined) continue;
    const { states } = parts.models.availability;
    const deps = { log: log.direct, states, giveWay: async () => {}, timestamp: () => '' };
    const found = await reconcileStock(deps, {});
    const [detail] = found?.details ?? [];
    if (detail !== undefined)
      throw new Violation('RECONCILED', `${name} is told of a difference: ${JSON.stringify(detail)}`);
  }
};
