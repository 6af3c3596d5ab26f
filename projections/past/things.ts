// What can be looked at in the past, by its kind and its name; the one list of kinds.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { isSeatClass, SEAT_CLASSES } from '@railhead/domain/kernel/seat-class.ts';
import type { RunId } from '@railhead/domain/train-run/stream.ts';
import { type AskedDiff, diffThing, type ThingDiff } from './diff-thing.ts';
import type { Moment } from './moment.ts';
import { type AskedClass, checkJourney, pastClass } from './past-class.ts';
import { stateAt } from './past-kind.ts';
import type { PastLog } from './past-log.ts';
import { pastOrder } from './past-order.ts';
import { pastRun } from './past-run.ts';
import { type OrdersOfUser, type PageOfOrders, pastUser } from './past-user.ts';

export const KINDS = ['order', 'run', 'class', 'user'] as const;
export type Kind = (typeof KINDS)[number];

export type Thing =
  | { readonly kind: 'order'; readonly orderNo: string }
  | { readonly kind: 'run'; readonly run: RunId }
  | { readonly kind: 'class'; readonly asked: AskedClass }
  | { readonly kind: 'user'; readonly userId: string };

/** `orders`: where those of a user are found. */
export type PastDeps = { readonly log: PastLog; readonly orders: OrdersOfUser };

const TRAIN_AND_DATE = '(?<train>[A-Za-z0-9]{1,16})[_/](?<date>\\d{4}-\\d{2}-\\d{2})';
/** Also by the name of its stream. */
const NAMES: Readonly<Record<Kind, RegExp>> = {
  order: /^(?:order-)?(?<name>[A-Za-z0-9]{1,64})$/,
  run: new RegExp(`^(?:trainRun-)?${TRAIN_AND_DATE}$`),
  class: new RegExp(`^(?:seatLock-)?${TRAIN_AND_DATE}[_/](?<seatClass>[A-Za-z]{1,32})$`),
  user: /^(?<name>[A-Za-z0-9][A-Za-z0-9._@-]{0,127})$/,
};
export const NAMED_SO: Readonly<Record<Kind, string>> = {
  order: 'the number of an order',
  run: 'a run such as G1/2026-12-01',
  class: 'a class of a run such as G1/2026-12-01/second',
  user: 'the id of a user',
};

const isDay = (date: string): boolean => {
  const ms = Date.parse(date);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
};

export const thingNamed = (kind: Kind, text: string): Result<Thing, 'NAME_INVALID'> => {
  const { name = '', train = '', date = '', seatClass = '' } = NAMES[kind].exec(text)?.groups ?? {};
  if ((name === '' && train === '') || (date !== '' && !isDay(date)))
    return refuse('NAME_INVALID', `must be ${NAMED_SO[kind]}`);
  switch (kind) {
    case 'order':
      return accept({ kind, orderNo: name });
    case 'user':
      return accept({ kind, userId: name });
    case 'run':
      return accept({ kind, run: { train, date } });
    case 'class':
      if (isSeatClass(seatClass)) return accept({ kind, asked: { train, date, seatClass } });
      return refuse('NAME_INVALID', `${seatClass} is no seat class; there are ${SEAT_CLASSES.join(', ')}`);
  }
};

export type AbsentCode = 'NOT_YET' | 'ORDER_NOT_FOUND' | 'TRAIN_NOT_FOUND' | 'CLASS_NOT_ON_TRAIN' | 'USER_NOT_FOUND';

export const orderAt = ({ log }: PastDeps, orderNo: string, moment: Moment) => stateAt(pastOrder, log, orderNo, moment);
export const runAt = ({ log }: PastDeps, run: RunId, moment: Moment) => stateAt(pastRun, log, run, moment);
export const userAt = ({ log, orders }: PastDeps, userId: string, moment: Moment, page: PageOfOrders) =>
  stateAt(pastUser(orders, page), log, userId, moment);

export const classAt = async ({ log }: PastDeps, asked: AskedClass, moment: Moment) => {
  const goes = await checkJourney(log, asked);
  return goes.ok ? stateAt(pastClass, log, asked, moment) : goes;
};

/** Orders of a user whose changes are looked at. */
const MOST_ORDERS = 100;

export const diffOf = (
  { log, orders }: PastDeps,
  thing: Thing,
  asked: AskedDiff,
): Promise<Result<ThingDiff, AbsentCode>> => {
  switch (thing.kind) {
    case 'order':
      return diffThing(pastOrder, log, thing.orderNo, asked);
    case 'run':
      return diffThing(pastRun, log, thing.run, asked);
    case 'class':
      return diffThing(pastClass, log, thing.asked, asked);
    case 'user':
      return diffThing(pastUser(orders, { limit: MOST_ORDERS }), log, thing.userId, asked);
  }
};
