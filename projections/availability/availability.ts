// The read model of free seats. It answers from memory, and keeps what it knows in the read database; or it stands where
// several processes have it.
import { FIRST_GENERATION } from '@railhead/domain/replay/fold.ts';
import { generationName } from '../engine/generation.ts';
import { keptSchema } from '../engine/kept-states.ts';
import type { ReadModel } from '../engine/read-model.ts';
import { AVAILABILITY, AVAILABILITY_VERSION, AvailabilityModel } from './availability-model.ts';
import { stockRows } from './comparable-stock.ts';
import { sharedAvailability } from './shared-availability.ts';
import type { AvailabilityQueries } from './shown-stock.ts';

const generation = (number: number): ReadModel<AvailabilityQueries> => {
  const name = generationName(AVAILABILITY, number);
  return {
    name,
    schema: keptSchema(name, AVAILABILITY_VERSION),
    isLocal: true,
    open: (database) => {
      const model = new AvailabilityModel(database, name);
      return { projection: model, queries: model, rows: stockRows(model.states) };
    },
    openShared: (states, log) => sharedAvailability(states, log, { name }),
    generation,
  };
};

export const availabilityModel = generation(FIRST_GENERATION);
