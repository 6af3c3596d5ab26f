// The run of a request, from the timetable model.
import { Problem } from '@railhead/http/problem.ts';
import type { RouteFacts, RunStatus } from '@railhead/projections/timetable/timetable-tables.ts';
import type { ReadContext } from '../read-models.ts';

/** Throws `Problem` TRAIN_NOT_FOUND. */
export const runOf = async (
  { models }: Pick<ReadContext, 'models'>,
  train: string,
  date: string,
): Promise<{ readonly facts: RouteFacts; readonly status: RunStatus }> => {
  const run = await models.timetable.queries.run(train, date);
  if (run === undefined) throw new Problem('TRAIN_NOT_FOUND', `${train} is not on sale for ${date}`);
  return run;
};
