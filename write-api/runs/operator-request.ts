// What all requests of operators have in common: the run, the reason, and who sent it.
import { idempotencyKeyOf } from '@railhead/http/idempotency-key.ts';
import type { RouteContext } from '@railhead/http/route.ts';
import { dateShape, trainShape, visibleText } from '@railhead/http/shapes.ts';
import { z } from 'zod';

export const runParams = z.object({ train: trainShape, date: dateShape });
export const reasonShape = visibleText(200).trim().min(1);

export const operatorOf = ({
  caller,
  request,
  requestId,
}: Pick<RouteContext<unknown, unknown, unknown>, 'caller' | 'request' | 'requestId'>) => ({
  operator: caller.userId,
  idempotencyKey: idempotencyKeyOf(request),
  correlationId: requestId,
});
