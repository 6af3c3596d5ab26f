// The read model of free seats. It is in memory and is folded anew whenever the process starts.
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
