// Lists what was refused and waits for an operator.
import { timestampOf } from '@railhead/commands/ports/clock.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { fenShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { limitShape, wholeNumber } from '../limit-shape.ts';
import { askModel, type ReadContext } from '../read-models.ts';

const MAX_LETTERS = 100;

const letterShape = z.object({
  id: z.string(),
  kind: z.enum(['PAYMENT_NOTICE']),
  code: z.string(),
  paymentNo: z.string(),
  orderNo: z.string(),
  outcome: z.string(),
  version: z.int(),
  amountFen: fenShape,
  gatewayRef: z.string(),
  refusedAt: z.string(),
});

export const listDeadLettersRoute = ({ models, clock }: Pick<ReadContext, 'models' | 'clock'>): Route =>
  route({
    method: 'get',
    path: '/v1/admin/dead-letters',
    operationId: 'listDeadLetters',
    summary: 'What was refused and waits for somebody, oldest first',
    tag: 'admin',
    access: 'operator',
    query: z.strictObject({ cursor: wholeNumber.min(1).optional(), limit: limitShape(MAX_LETTERS, 20) }),
    responses: {
      200: {
        description: 'A page; `nextCursor` is there if more follow.',
        schema: z.object({ deadLetters: z.array(letterShape), nextCursor: z.int().optional() }),
      },
    },
    problems: ['MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query, request }) => {
      const { letters, nextCursor } = await askModel(request, models.deadLetters, (queries) => queries.waiting(query));
      const deadLetters = letters.map(({ refusedAtMs, ...letter }) => ({
        ...letter,
        kind: 'PAYMENT_NOTICE' as const,
        refusedAt: timestampOf(clock, refusedAtMs),
      }));
      return { status: 200, body: { deadLetters, ...(nextCursor === undefined ? {} : { nextCursor }) } };
    },
  });
