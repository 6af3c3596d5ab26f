import type { Route } from '@railhead/http/route.ts';
import { showQueuePlaceRoute } from './show-queue-place.ts';
import { type WatchQueueDeps, watchQueuePlaceRoute } from './watch-queue-place.ts';

export const queueQuestions = (deps: WatchQueueDeps): readonly Route[] => [
  showQueuePlaceRoute(deps),
  watchQueuePlaceRoute(deps),
];
