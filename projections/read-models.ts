// All read models. The server, the simulation and the tests take them from this list.
import { availabilityModel } from './availability/availability.ts';
import { deadLettersModel } from './dead-letters/dead-letters-model.ts';
import type { ReadDatabases } from './engine/read-databases.ts';
import type { OpenModel, ReadModel } from './engine/read-model.ts';
import type { OrderIndex } from './order-search/order-index.ts';
import { openOrderSearch, orderSearchModel } from './order-search/order-search-model.ts';
import { ordersModel } from './orders/orders-model.ts';
import { timetableModel } from './timetable/timetable-model.ts';

/** The models by name. */
export const READ_MODELS = {
  timetable: timetableModel,
  availability: availabilityModel,
  orders: ordersModel,
  orderSearch: orderSearchModel,
  deadLetters: deadLettersModel,
} as const satisfies Readonly<Record<string, ReadModel<unknown>>>;

type Models = typeof READ_MODELS;

export type OpenModels = { readonly [Name in keyof Models]: ReturnType<Models[Name]['open']> };

const ALL: readonly ReadModel<unknown>[] = Object.values(READ_MODELS);

/** The models whose rows are in each of the databases. Where both are one, it has all of them. */
export const LOCAL_MODELS = ALL.filter(({ isLocal }) => isLocal);
export const SQL_MODELS = ALL.filter(({ isLocal }) => !isLocal);

/** Opens every model. `search`: a server in place of the local index. */
export const openModels = ({ local, sql, cache }: ReadDatabases, search?: OrderIndex): OpenModels => {
  const open = (model: ReadModel<unknown>): OpenModel<unknown> => {
    const shared = cache === undefined ? undefined : model.openShared?.(cache.states, cache.log);
    return shared ?? model.open(model.isLocal ? local : sql);
  };
  // Safe cast: the keys stay the same, and each model opens its own type.
  const opened = Object.fromEntries(
    Object.entries(READ_MODELS).map(([name, model]) => [name, open(model)]),
  ) as OpenModels;
  return search === undefined ? opened : { ...opened, orderSearch: openOrderSearch(search) };
};
