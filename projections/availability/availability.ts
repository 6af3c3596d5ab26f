// The read model of free seats: in memory, folded anew in each life.
import type { ReadModel } from '../engine/read-model.ts';
import { AvailabilityModel } from './availability-model.ts';

export const availabilityModel: ReadModel<AvailabilityModel> = {
  name: 'availability',
  schema: undefined,
  open: () => {
    const model = new AvailabilityModel();
    return { projection: model, queries: model };
  },
};
