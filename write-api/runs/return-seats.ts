// Puts withdrawn seats back on sale.
import type { InventoryDeps } from '@railhead/commands/inventory/operator.ts';
import { returnSeats } from '@railhead/commands/inventory/withdraw-seats.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { z } from 'zod';
import { operatorOf, runParams } from './operator-request.ts';

export const returnSeatsRoute = (deps: InventoryDeps): Route =>
  route({
    method: 'delete',
    path: '/v1/admin/runs/{train}/{date}/withdrawals/{withdrawalNo}',
    operationId: 'returnSeats',
    summary: 'Put withdrawn seats on sale again',
    tag: 'admin',
    access: 'operator',
    params: runParams.extend({ withdrawalNo: z.string().min(1).max(64) }),
    responses: { 200: { description: 'They are on sale.', schema: z.object({ withdrawalNo: z.string() }) } },
    problems: ['TRAIN_NOT_FOUND', 'WITHDRAWAL_NOT_FOUND', 'COACH_WITHDRAWN', 'SALE_STOPPED', 'CONTENDED'],
    handle: async ({ params, ...context }) => {
      const done = await returnSeats(deps, { ...params, ...operatorOf(context) });
      if (!done.ok) return { refused: done.refusal };
      const { withdrawalNo } = params;
      return { status: 200, body: { withdrawalNo }, headers: positionHeader(done.value.position) };
    },
  });
