// What operators decide about an event that a read model cannot take.
import { type LeftOutDeps, type OfOperator, retryEvent, skipEvent } from '@railhead/commands/read-models/left-out.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, type RouteContext, route } from '@railhead/http/route.ts';
import { z } from 'zod';
import { operatorOf, reasonShape } from '../runs/operator-request.ts';

const params = z.object({
  model: z.string().regex(/^[A-Za-z]{1,32}$/, 'must be the name of a read model'),
  position: z
    .string()
    .regex(/^[1-9]\d{0,15}$/, 'must be a position')
    .pipe(z.coerce.number<string>().max(Number.MAX_SAFE_INTEGER)),
});

const decidedShape = z.object({
  model: z.string(),
  position: z.int(),
  stream: z.string(),
  eventType: z.string(),
});

const problems = ['READ_MODEL_UNKNOWN', 'EVENT_UNKNOWN', 'TOO_MANY_LEFT_OUT', 'CONTENDED'] as const;

type Context = Pick<
  RouteContext<z.output<typeof params>, unknown, unknown>,
  'params' | 'caller' | 'request' | 'requestId'
>;

const askedIn = (context: Context): OfOperator => ({ ...context.params, ...operatorOf(context) });

type Decided = Awaited<ReturnType<typeof skipEvent>>;

const answerTo = ({ params: { model } }: Context, done: Decided) => {
  if (!done.ok) return { refused: done.refusal };
  const { decidedAt, ...event } = done.value;
  return { status: 200, body: { model, ...event }, headers: positionHeader(decidedAt) } as const;
};

export const readModelCommands = (deps: LeftOutDeps): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/admin/read-models/{model}/events/{position}/skip',
    operationId: 'skipEvent',
    summary: 'Let a read model go on as if an event were not there',
    tag: 'admin',
    access: 'operator',
    params,
    body: z.strictObject({ reason: reasonShape }),
    responses: { 200: { description: 'It is skipped, now or since before.', schema: decidedShape } },
    problems: [...problems],
    handle: async (context) =>
      answerTo(context, await skipEvent(deps, { ...askedIn(context), reason: context.body.reason })),
  }),
  route({
    method: 'post',
    path: '/v1/admin/read-models/{model}/events/{position}/retry',
    operationId: 'retryEvent',
    summary: 'Let a read model try an event again, and what follows in its stream',
    tag: 'admin',
    access: 'operator',
    params,
    responses: { 200: { description: 'It will be tried.', schema: decidedShape } },
    problems: [...problems],
    handle: async (context) => answerTo(context, await retryEvent(deps, askedIn(context))),
  }),
];
