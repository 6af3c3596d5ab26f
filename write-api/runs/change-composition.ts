// Changes the composition of a run to the coaches that are sent.

import { changeComposition } from '@railhead/commands/inventory/change-composition.ts';
import type { InventoryDeps } from '@railhead/commands/inventory/operator.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { z } from 'zod';
import { type CoachSchema, coachesShape } from './coaches.ts';
import { operatorOf, reasonShape, runParams } from './operator-request.ts';

export const changeCompositionRoute = (deps: InventoryDeps, coach: CoachSchema): Route =>
  route({
    method: 'put',
    path: '/v1/admin/runs/{train}/{date}/composition',
    operationId: 'changeComposition',
    summary: 'Make the run of these coaches: the missing are added, those too many withdrawn',
    tag: 'admin',
    access: 'operator',
    params: runParams,
    body: z.object({ coaches: coachesShape(coach), reason: reasonShape }),
    responses: {
      200: {
        description: 'Coach numbers. A coach with travellers in it cannot go: then nothing is changed.',
        schema: z.object({
          added: z.array(z.string()),
          withdrawn: z.array(z.string()),
          returned: z.array(z.string()),
        }),
      },
    },
    problems: [
      'TRAIN_NOT_FOUND',
      'COACH_NUMBER_TAKEN',
      'COACH_DIFFERS',
      'TOO_MANY_COACHES',
      'CLASS_WITHOUT_FARE',
      'COACH_NOT_ON_TRAIN',
      'NO_SUCH_SEAT',
      'SEATS_SOLD',
      'LOCK_ENDED',
      'SALE_STOPPED',
      'STATION_NOT_ON_ROUTE',
      'JOURNEY_BACKWARDS',
      'WITHDRAWAL_NOT_FOUND',
      'SALE_CLOSED',
      'RUN_CANCELLED',
      'CONTENDED',
    ],
    handle: async ({ params, body, ...context }) => {
      const done = await changeComposition(deps, { ...params, ...body, ...operatorOf(context) });
      if (!done.ok) return { refused: done.refusal };
      const { position, ...changed } = done.value;
      return { status: 200, body: changed, headers: positionHeader(position) };
    },
  });
