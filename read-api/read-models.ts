// The read models as the endpoints use them: queries, and a gate to wait for a position.
import type { IncomingMessage } from 'node:http';
import type { SeatsOnOffer } from '@railhead/commands/allocation/seats-on-offer.ts';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { SaleWindow } from '@railhead/commands/runs/sale-window.ts';
import { headerOf } from '@railhead/http/header.ts';
import { MIN_POSITION_HEADER } from '@railhead/http/position.ts';
import { Problem } from '@railhead/http/problem.ts';
import type { PositionGate } from '@railhead/projections/engine/position-gate.ts';
import type { OpenModels } from '@railhead/projections/read-models.ts';

type Model<Queries> = { readonly queries: Queries; readonly gate: PositionGate };

export type ReadModels = { readonly [Name in keyof OpenModels]: Model<OpenModels[Name]['queries']> };

export type ReadContext = {
  readonly models: ReadModels;
  readonly offer: SeatsOnOffer;
  readonly clock: Clock;
  readonly saleWindow: SaleWindow;
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

/** Waits until all these models include the position in the request's header; MODEL_BEHIND if that takes too long. */
export const awaitPosition = async (request: IncomingMessage, ...gates: readonly PositionGate[]): Promise<void> => {
  const position = positionAskedFor(request);
  if (position === undefined) return;
  const reached = await Promise.all(gates.map((gate) => gate.waitFor(position, PATIENCE_MS)));
  if (!reached.every(Boolean))
    throw new Problem('MODEL_BEHIND', `position ${position} is not here yet`, {
      position: Math.min(...gates.map((gate) => gate.position)),
    });
};
