// All read models. The server, the simulation and the tests take them from this list.
import { availabilityModel } from './availability/availability.ts';
import { deadLettersModel } from './dead-letters/dead-letters-model.ts';
import type { ReadDatabase } from './engine/read-database.ts';
import type { ReadModel } from './engine/read-model.ts';
import { ordersModel } from './orders/orders-model.ts';
import { timetableModel } from './timetable/timetable-model.ts';

/** The models by name. */
export const READ_MODELS = {
  timetable: timetableModel,
  availability: availabilityModel,
  orders: ordersModel,
  deadLetters: deadLettersModel,
} as const satisfies Readonly<Record<string, ReadModel<unknown>>>;

type Models = typeof READ_MODELS;

export type OpenModels = { readonly [Name in keyof Models]: ReturnType<Models[Name]['open']> };

/** Opens every model. */
export const openModels = (database: ReadDatabase): OpenModels =>
  // Safe cast: the keys stay the same, and each model opens its own type.
  Object.fromEntries(Object.entries(READ_MODELS).map(([name, model]) => [name, model.open(database)])) as OpenModels;
