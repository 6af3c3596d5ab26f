// Changes the composition of a run to the coaches that are sent.

import { changeComposition } from '@railhead/commands/inventory/change-composition.ts';
import type { InventoryDeps } from '@railhead/commands/inventory/operator.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { entityTag, expectedRevisions } from '@railhead/http/revision.ts';
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
    headers: { 'If-Match': 'The `ETag` of the run as it was read: another change since then refuses this one.' },
    params: runParams,
    body: z.strictObject({ coaches: coachesShape(coach), reason: reasonShape }),
    responses: {
      200: {
        description:
          'What changed now, and the `coaches` in the train, by number. A coach with travellers in it cannot go: then nothing is changed.',
        schema: z.object({
          added: z.array(z.string()),
          withdrawn: z.array(z.string()),
          returned: z.array(z.string()),
          coaches: z.array(z.string()),
        }),
      },
    },
    problems: [
      'TRAIN_NOT_FOUND',
      'COACH_NUMBER_TAKEN',
      'COACH_DIFFERS',
      'COACH_WITHDRAWN',
      'RUN_CHANGED',
      'TOO_MANY_COACHES',
      'CLASS_WITHOUT_FARE',
      'NO_SUCH_SEAT',
      'SEATS_SOLD',
      'LOCK_ENDED',
      'SALE_STOPPED',
      'WITHDRAWAL_NOT_FOUND',
      'SALE_CLOSED',
      'RUN_CANCELLED',
      'CONTENDED',
    ],
    handle: async ({ params, body, ...context }) => {
      const done = await changeComposition(deps, {
        ...params,
        ...body,
        ...operatorOf(context),
        ...expectedRevisions(context.request),
      });
      if (!done.ok) return { refused: done.refusal };
      const { position, revision, ...changed } = done.value;
      return { status: 200, body: changed, headers: { ...positionHeader(position), ETag: entityTag(revision) } };
    },
  });
