// The read model of free seats: it answers from memory, and keeps what it knows in the read database.
import { keptSchema } from '../engine/kept-states.ts';
import type { ReadModel } from '../engine/read-model.ts';
import { AVAILABILITY, AVAILABILITY_VERSION, AvailabilityModel } from './availability-model.ts';

export const availabilityModel: ReadModel<AvailabilityModel> = {
  name: AVAILABILITY,
  schema: keptSchema(AVAILABILITY, AVAILABILITY_VERSION),
  isOfMemory: true,
  open: (database) => {
    const model = new AvailabilityModel(database);
    return { projection: model, queries: model };
  },
};
