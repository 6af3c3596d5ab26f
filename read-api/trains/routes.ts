import type { Route } from '@railhead/http/route.ts';
import type { ReadContext } from '../read-models.ts';
import { findTrainsRoute } from './find-trains.ts';
import { showAvailabilityRoute } from './show-availability.ts';
import { showTrainRoute } from './show-train.ts';

export const trainQuestions = (context: ReadContext): readonly Route[] => [
  findTrainsRoute(context),
  showTrainRoute(context),
  showAvailabilityRoute(context),
];
