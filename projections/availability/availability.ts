// The read model of free seats. It answers from memory, and keeps what it knows in the read database; or it stands where
// several processes have it.
import { keptSchema } from '../engine/kept-states.ts';
import type { ReadModel } from '../engine/read-model.ts';
import { AVAILABILITY, AVAILABILITY_VERSION, AvailabilityModel } from './availability-model.ts';
import { sharedAvailability } from './shared-availability.ts';
import type { AvailabilityQueries } from './shown-stock.ts';

export const availabilityModel: ReadModel<AvailabilityQueries> = {
  name: AVAILABILITY,
  schema: keptSchema(AVAILABILITY, AVAILABILITY_VERSION),
  isLocal: true,
  open: (database) => {
    const model = new AvailabilityModel(database);
    return { projection: model, queries: model };
  },
  openShared: (states, log) => sharedAvailability(states, log),
};
