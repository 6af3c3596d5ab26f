// The read models as the endpoints use them: queries, and a gate to wait for a position.
import type { IncomingMessage } from 'node:http';
import type { SeatsOnOffer } from '@railhead/commands/allocation/seats-on-offer.ts';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { SaleWindow } from '@railhead/commands/runs/sale-window.ts';
import { headerOf } from '@railhead/http/header.ts';
import { MIN_POSITION_HEADER } from '@railhead/http/position.ts';
import { Problem } from '@railhead/http/problem.ts';
import type { ReadGate } from '@railhead/projections/engine/position-gate.ts';
import type { ModelReplicas } from '@railhead/projections/engine/replicas/model-replicas.ts';
import type { OrdersQueries } from '@railhead/projections/orders/orders-queries.ts';
import type { OpenModels } from '@railhead/projections/read-models.ts';
import type { StationReads } from './stations/station-reads.ts';

export type Model<Queries> = {
  readonly queries: Queries;
  readonly gate: ReadGate;
  /** Another generation has just taken over: it is waited for before it is asked. */
  readonly moving?: Promise<void> | undefined;
  /** Where its questions are answered too. Absent: nowhere else. */
  readonly replicas?: ModelReplicas<Queries> | undefined;
};

/** Orders may be in several tables, each with a place of its own. */
export type OrdersReads = {
  readonly ofOrder: (orderNo: string) => Model<OrdersQueries>;
  readonly ofUser: (userId: string) => Model<OrdersQueries>;
};

export type ReadModels = {
  readonly [Name in Exclude<keyof OpenModels, 'orders'>]: Model<OpenModels[Name]['queries']>;
} & { readonly orders: OrdersReads };

export type ReadContext = {
  readonly models: ReadModels;
  readonly stations: StationReads;
  readonly offer: SeatsOnOffer;
  readonly clock: Clock;
  readonly saleWindow: SaleWindow;
};

/**
 * The same, with all models as they are read at this moment: what is waited for is then also what is asked, although a
 * model may be exchanged in between.
 */
export const asReadNow = <Context extends Pick<ReadContext, 'models'>>(context: Context): Context => {
  const now = Object.entries(context.models).map(([name, model]) => [name, { ...model }]);
  // Safe cast: the names stay the same, each with its own model.
  return { ...context, models: Object.fromEntries(now) as ReadModels };
};

/** How long a read waits for a model to reach the position it asks for. */
const PATIENCE_MS = 5_000;

/** The position in the request's header; undefined without one. */
export const positionAskedFor = (request: IncomingMessage): Position | undefined => {
  const header = headerOf(request, MIN_POSITION_HEADER);
  if (header === undefined) return undefined;
  const position = Number(header);
  if (!/^\d+$/.test(header) || !Number.isSafeInteger(position))
    throw new Problem('POSITION_INVALID', `${header} is not a position`);
  return position;
};

/** Waits until the model includes the position in the request's header; MODEL_BEHIND if that takes too long. */
export const awaitPosition = async (
  request: IncomingMessage,
  { gate, moving }: Pick<Model<unknown>, 'gate' | 'moving'>,
): Promise<void> => {
  await moving;
  await awaitReached(positionAskedFor(request), gate);
};

const awaitReached = async (position: Position | undefined, gate: ReadGate): Promise<void> => {
  if (position === undefined || (await gate.waitFor(position, PATIENCE_MS))) return;
  throw new Problem('MODEL_BEHIND', `position ${position} is not here yet`, { position: gate.position });
};

/**
 * What a model answers to the request, at the position in its header. All that is asked within `ask` is answered from
 * states that do not go back. It may run twice, and only asks.
 */
export const askModel = async <Queries, Answer>(
  request: IncomingMessage,
  model: Model<Queries>,
  ask: (queries: Queries) => Promise<Answer>,
): Promise<Answer> => askModelAt(positionAskedFor(request), model, ask);

/** The same at a position that the request does not name. */
export const askModelAt = async <Queries, Answer>(
  position: Position | undefined,
  { queries, gate, moving, replicas }: Model<Queries>,
  ask: (queries: Queries) => Promise<Answer>,
): Promise<Answer> => {
  if (moving !== undefined) await moving;
  if (replicas !== undefined) {
    const answered = await replicas.answer(position, ask);
    if (answered !== undefined) return answered.answer;
  }
  await awaitReached(position, gate);
  return ask(queries);
};
