// All read models. The server, the simulation and the tests take them from this list.
import { auditTrailModel } from './audit-trail/audit-trail-model.ts';
import { availabilityModel } from './availability/availability.ts';
import { deadLettersModel } from './dead-letters/dead-letters-model.ts';
import type { ReadModel } from './engine/read-model.ts';
import { orderSearchModel } from './order-search/order-search-model.ts';
import { ordersModel } from './orders/orders-model.ts';
import { salesModel } from './sales/sales-model.ts';
import { timetableModel } from './timetable/timetable-model.ts';
import { waitlistsModel } from './waitlists/waitlists-model.ts';

/** The models by name. */
export const READ_MODELS = {
  timetable: timetableModel,
  availability: availabilityModel,
  orders: ordersModel,
  orderSearch: orderSearchModel,
  deadLetters: deadLettersModel,
  waitlists: waitlistsModel,
  sales: salesModel,
  auditTrail: auditTrailModel,
} as const satisfies Readonly<Record<string, ReadModel<unknown>>>;

type Models = typeof READ_MODELS;

export type OpenModels = { readonly [Name in keyof Models]: ReturnType<Models[Name]['open']> };

const ALL: readonly ReadModel<unknown>[] = Object.values(READ_MODELS);

/** The models whose rows are in each of the databases. Where both are one, it has all of them. */
export const LOCAL_MODELS = ALL.filter(({ isLocal }) => isLocal);
export const SQL_MODELS = ALL.filter(({ isLocal }) => !isLocal);
