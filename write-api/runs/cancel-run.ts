// Cancels a run: nothing more is sold, and all payments are refunded.

import { cancelRun } from '@railhead/commands/inventory/cancel-run.ts';
import type { InventoryDeps } from '@railhead/commands/inventory/operator.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { operatorOf, reasonShape, runParams } from './operator-request.ts';

export const cancelRunRoute = (deps: InventoryDeps): Route =>
  route({
    method: 'post',
    path: '/v1/admin/runs/{train}/{date}/cancel',
    operationId: 'cancelRun',
    summary: 'Cancel a run: nothing more is sold, every order is closed, all money goes back',
    tag: 'admin',
    access: 'operator',
    params: runParams,
    body: z.strictObject({ reason: reasonShape }),
    responses: {
      202: {
        description:
          'Cancelled, for `reason`: the first one stands. Orders and refunds follow; the run is `settled` when every order is closed.',
        schema: z.object({ train: z.string(), date: dateShape, status: z.literal('cancelled'), reason: z.string() }),
      },
    },
    problems: ['TRAIN_NOT_FOUND', 'CONTENDED'],
    handle: async ({ params, body, ...context }) => {
      const done = await cancelRun(deps, { ...params, ...body, ...operatorOf(context) });
      if (!done.ok) return { refused: done.refusal };
      const { position, reason } = done.value;
      return { status: 202, body: { ...params, status: 'cancelled', reason }, headers: positionHeader(position) };
    },
  });
