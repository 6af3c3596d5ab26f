// What operators do with dead letters.
import { type DeadLetterDeps, dismissLetter, replayLetter } from '@railhead/commands/dead-letters/dead-letters.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { z } from 'zod';
import { reasonShape } from '../runs/operator-request.ts';

const params = z.object({ id: z.string().min(1).max(128) });

const replayRoute = (deps: DeadLetterDeps): Route =>
  route({
    method: 'post',
    path: '/v1/admin/dead-letters/{id}/replay',
    operationId: 'replayDeadLetter',
    summary: 'Ask the payment gateway again, and believe what it says now',
    tag: 'admin',
    access: 'operator',
    params,
    responses: {
      200: {
        description: "The payment's status at the gateway. Settled: the letter has left the list.",
        schema: z.object({ status: z.string(), settled: z.boolean() }),
      },
    },
    problems: ['DEAD_LETTER_UNKNOWN', 'CONTENDED', 'GATEWAY_UNAVAILABLE', 'GATEWAY_REFUSED'],
    handle: async ({ params: { id }, caller, requestId }) => {
      const done = await replayLetter(deps, { id, operator: caller.userId, correlationId: requestId });
      return done.ok ? { status: 200, body: done.value } : { refused: done.refusal };
    },
  });

const dismissRoute = (deps: DeadLetterDeps): Route =>
  route({
    method: 'post',
    path: '/v1/admin/dead-letters/{id}/dismiss',
    operationId: 'dismissDeadLetter',
    summary: 'Take a dead letter off the list, with a reason',
    tag: 'admin',
    access: 'operator',
    params,
    body: z.strictObject({ reason: reasonShape }),
    responses: { 200: { description: 'It is off the list.', schema: z.object({ id: z.string() }) } },
    problems: ['DEAD_LETTER_UNKNOWN', 'CONTENDED'],
    handle: async ({ params: { id }, body: { reason }, caller, requestId }) => {
      const done = await dismissLetter(deps, { id, reason, operator: caller.userId, correlationId: requestId });
      if (!done.ok) return { refused: done.refusal };
      return { status: 200, body: { id }, headers: positionHeader(done.value.position) };
    },
  });

export const deadLetterCommands = (deps: DeadLetterDeps): readonly Route[] => [replayRoute(deps), dismissRoute(deps)];
