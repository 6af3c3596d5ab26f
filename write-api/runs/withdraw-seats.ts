// Withdraws seats, or a whole coach, from sale.
import type { InventoryDeps } from '@railhead/commands/inventory/operator.ts';
import { withdrawSeats } from '@railhead/commands/inventory/withdraw-seats.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { stationCodeShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { operatorOf, reasonShape, runParams } from './operator-request.ts';

const MAX_SEATS_NAMED = 1_000;

const withdrawalShape = z
  .object({ withdrawalNo: z.string(), seats: z.int(), status: z.enum(['withdrawn', 'returned']) })
  .meta({
    description:
      'The withdrawal, and how many seats it has out of sale: none where it was returned before its request came again.',
  });

export const withdrawSeatsRoute = (deps: InventoryDeps): Route =>
  route({
    method: 'post',
    path: '/v1/admin/runs/{train}/{date}/withdrawals',
    operationId: 'withdrawSeats',
    summary: 'Take seats, or a whole coach, out of sale',
    tag: 'admin',
    access: 'operator',
    params: runParams,
    body: z.strictObject({
      coach: z.string().min(1).max(8),
      seats: z.array(z.string().min(1).max(8)).min(1).max(MAX_SEATS_NAMED).optional(),
      from: stationCodeShape.optional(),
      to: stationCodeShape.optional(),
      reason: reasonShape,
    }),
    responses: { 201: { description: 'None of them is sold from here on.', schema: withdrawalShape } },
    problems: [
      'TRAIN_NOT_FOUND',
      'COACH_NOT_ON_TRAIN',
      'NO_SUCH_SEAT',
      'SEATS_SOLD',
      'LOCK_ENDED',
      'STATION_NOT_ON_ROUTE',
      'JOURNEY_BACKWARDS',
      'SALE_STOPPED',
      'SALE_CLOSED',
      'RUN_CANCELLED',
      'CONTENDED',
    ],
    handle: async ({ params, body: { seats, from, to, ...body }, ...context }) => {
      const part = {
        ...(seats === undefined ? {} : { seats }),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      };
      const done = await withdrawSeats(deps, {
        ...params,
        ...body,
        ...part,
        ...operatorOf(context),
      });
      if (!done.ok) return { refused: done.refusal };
      const { position, ...withdrawn } = done.value;
      return { status: 201, body: withdrawn, headers: positionHeader(position) };
    },
  });
