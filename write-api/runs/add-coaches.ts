// Adds coaches to a run before it leaves.

import { addCoaches } from '@railhead/commands/inventory/add-coaches.ts';
import type { InventoryDeps } from '@railhead/commands/inventory/operator.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { z } from 'zod';
import { type CoachSchema, coachesShape } from './coaches.ts';
import { operatorOf, runParams } from './operator-request.ts';

export const addCoachesRoute = (deps: InventoryDeps, coach: CoachSchema): Route =>
  route({
    method: 'post',
    path: '/v1/admin/runs/{train}/{date}/coaches',
    operationId: 'addCoaches',
    summary: 'Add coaches to a run before it leaves',
    tag: 'admin',
    access: 'operator',
    params: runParams,
    body: z.strictObject({ coaches: coachesShape(coach) }),
    responses: { 201: { description: 'Their seats are on sale.', schema: z.object({ coaches: z.array(z.string()) }) } },
    problems: [
      'TRAIN_NOT_FOUND',
      'COACH_NUMBER_TAKEN',
      'TOO_MANY_COACHES',
      'CLASS_WITHOUT_FARE',
      'SALE_CLOSED',
      'RUN_CANCELLED',
      'CONTENDED',
    ],
    handle: async ({ params, body, ...context }) => {
      const done = await addCoaches(deps, { ...params, ...body, ...operatorOf(context) });
      if (!done.ok) return { refused: done.refusal };
      const added = body.coaches.map(({ coach }) => coach);
      return { status: 201, body: { coaches: added }, headers: positionHeader(done.value.position) };
    },
  });
