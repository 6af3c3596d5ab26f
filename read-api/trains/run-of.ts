// The run of a request, from the timetable model.
import type { IncomingMessage } from 'node:http';
import { Problem } from '@railhead/http/problem.ts';
import type { RouteFacts, RunStatus } from '@railhead/projections/timetable/timetable-tables.ts';
import { askModel, type ReadContext } from '../read-models.ts';

/** As of the position that the request names. Throws `Problem` TRAIN_NOT_FOUND. */
export const runOf = async (
  { models }: Pick<ReadContext, 'models'>,
  request: IncomingMessage,
  train: string,
  date: string,
): Promise<{ readonly facts: RouteFacts; readonly status: RunStatus }> => {
  const run = await askModel(request, models.timetable, (queries) => queries.run(train, date));
  if (run === undefined) throw new Problem('TRAIN_NOT_FOUND', `${train} is not on sale for ${date}`);
  return run;
};
