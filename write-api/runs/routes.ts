// The endpoints for operators: withdraw and return seats, add coaches, change the composition, cancel the run, its queue.
import type { InventoryDeps } from '@railhead/commands/inventory/operator.ts';
import type { QueueModeDeps } from '@railhead/commands/queue/set-queue-mode.ts';
import type { Route } from '@railhead/http/route.ts';
import { addCoachesRoute } from './add-coaches.ts';
import { cancelRunRoute } from './cancel-run.ts';
import { changeCompositionRoute } from './change-composition.ts';
import type { CoachSchema } from './coaches.ts';
import { returnSeatsRoute } from './return-seats.ts';
import { setQueueModeRoute } from './set-queue-mode.ts';
import { withdrawSeatsRoute } from './withdraw-seats.ts';

export const runCommands = (deps: InventoryDeps & QueueModeDeps, coach: CoachSchema): readonly Route[] => [
  withdrawSeatsRoute(deps),
  returnSeatsRoute(deps),
  addCoachesRoute(deps, coach),
  changeCompositionRoute(deps, coach),
  cancelRunRoute(deps),
  setQueueModeRoute(deps),
];
