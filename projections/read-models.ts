// Every read model there is. Whoever serves, simulates or tests them takes them from here.
import { availabilityModel } from './availability/availability.ts';
import type { ReadDatabase } from './engine/read-database.ts';
import type { ReadModel } from './engine/read-model.ts';
import { ordersModel } from './orders/orders-model.ts';
import { timetableModel } from './timetable/timetable-model.ts';

/** By their names. */
export const READ_MODELS = {
  timetable: timetableModel,
  availability: availabilityModel,
  orders: ordersModel,
} as const satisfies Readonly<Record<string, ReadModel<unknown>>>;

type Models = typeof READ_MODELS;

export type OpenModels = { readonly [Name in keyof Models]: ReturnType<Models[Name]['open']> };

/** A new life of every model. */
export const openModels = (database: ReadDatabase): OpenModels =>
  // Safe cast: the same names, and under each what its own model has opened.
  Object.fromEntries(Object.entries(READ_MODELS).map(([name, model]) => [name, model.open(database)])) as OpenModels;
