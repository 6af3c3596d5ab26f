// Builds a read model again beside the one that is read, compares it, lets it take over, and goes back.
import { type Clock, LATE, within } from '@railhead/commands/ports/clock.ts';
import { changeReplay, type ReplayDeps, type ReplayedModel } from '@railhead/commands/replays/change-replay.ts';
import type { Result } from '@railhead/domain/kernel/decision.ts';
import type { ReplayCommand } from '@railhead/domain/replay/decide.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { Problem } from '@railhead/http/problem.ts';
import {
  modelNameShape,
  type ReplayedState,
  replayedShape,
  type VerificationReport,
  verificationShape,
  verifyingShape,
  workersShape,
} from '@railhead/http/replay-shapes.ts';
import { type Reply, type Route, type RouteContext, route } from '@railhead/http/route.ts';
import { z } from 'zod';
import { operatorOf } from '../runs/operator-request.ts';

export type Verifying = {
  readonly generation: number;
  readonly startedAt: string;
  readonly report: Promise<VerificationReport>;
};

export type CannotBeDone = { readonly code: 'NO_ROOM' | 'REPLAY_NOT_PARALLEL'; readonly detail: string };

export type Replays = {
  /** Undefined: there is no such model. */
  state(model: string): Promise<ReplayedState | undefined>;
  /** The positions of two moments. */
  between(
    from: number | string | undefined,
    until: number | string | undefined,
  ): Promise<
    Result<
      { readonly from?: number; readonly until?: number },
      'MOMENT_INVALID' | 'MOMENT_IN_FUTURE' | 'MOMENTS_BACKWARDS'
    >
  >;
  /** The categories of streams that a model reads; undefined: it reads all, or there is no such model. */
  categoriesOf(model: string): readonly string[] | undefined;
  /** Throws where the rows of what stands beside cannot be read. */
  assertReadable(model: string): Promise<void>;
  /** Why a replay of it by so many workers cannot be done here. */
  refusal(model: string, workers: number): Promise<CannotBeDone | undefined>;
  /** Makes sure that a generation which is begun now has nothing. Throws where the store is away. */
  clearNext(model: string): Promise<void>;
  verify(
    model: string,
    asked: { readonly sample?: number; readonly operator: string; readonly correlationId: string },
  ): Result<
    Verifying,
    | 'READ_MODEL_UNKNOWN'
    | 'NO_REPLAY'
    | 'VERIFICATION_UNDER_WAY'
    | 'BUILT_ELSEWHERE'
    | 'REPLAY_PARTIAL'
    | 'REPLAY_UNFINISHED'
  >;
};

type Deps = ReplayDeps & { readonly replays: Replays; readonly clock: Clock };

/** So long the answer waits for a comparison. */
const WAITS_MS = 5_000;
const MOST_PER_SECOND = 10_000_000;

const params = z.object({ model: modelNameShape });
const limitShape = z
  .int()
  .min(0)
  .max(MOST_PER_SECOND)
  .meta({ description: 'So many events a second at most; 0: as fast as it goes.' });
const momentShape = z.union([z.int().min(1).max(Number.MAX_SAFE_INTEGER), z.string().min(1).max(64)]);
const startShape = z.strictObject({
  model: modelNameShape,
  eventsPerSecond: limitShape.optional(),
  from: momentShape.optional().meta({
    description: 'The first position that is taken, or a time, after which it is: to look at, not to take over.',
  }),
  until: momentShape.optional().meta({ description: 'The last one.' }),
  streams: z
    .array(z.string().regex(/^[A-Za-z]{1,32}$/, 'must be a category of streams'))
    .min(1)
    .max(20)
    .optional()
    .meta({ description: 'Only these categories of streams.' }),
  workers: workersShape.optional(),
});

/** What any of these decisions may be refused for. */
const problems = [
  'READ_MODEL_UNKNOWN',
  'CONTENDED',
  'NO_REPLAY',
  'REPLAY_UNDER_WAY',
  'GENERATION_KEPT',
  'NOTHING_KEPT',
  'REPLAY_PARTIAL',
  'REPLAY_UNFINISHED',
  'REPLAY_UNVERIFIED',
  'REPLAY_DIFFERS',
] as const;

type Context = Pick<RouteContext<unknown, unknown, unknown>, 'caller' | 'request' | 'requestId'>;

const change = async (
  deps: Deps,
  context: Context,
  model: string,
  commandFor: Parameters<typeof changeReplay>[2],
  status: 200 | 201 = 200,
): Promise<Reply<(typeof problems)[number]>> => {
  const done = await changeReplay(deps, { model, ...operatorOf(context) }, commandFor);
  if (!done.ok) return { refused: done.refusal };
  const body = await deps.replays.state(model);
  if (body === undefined) throw new Error(`read model ${model} is gone`);
  return { status, body, headers: positionHeader(done.value.position) };
};

/** A decision without more to say than its name. */
const simply = (
  deps: Deps,
  name: 'pause' | 'resume' | 'cancel' | 'drop' | 'rollback',
  summary: string,
  commandFor: (isWhole: boolean) => ReplayCommand,
): Route =>
  route({
    method: 'post',
    path: `/v1/admin/replays/{model}/${name}`,
    operationId: `${name}Replay`,
    summary,
    tag: 'admin',
    access: 'operator',
    params,
    responses: { 200: { description: 'It is so, now or since before.', schema: replayedShape } },
    problems: [...problems],
    handle: async (context) => {
      if (name === 'rollback') await deps.replays.assertReadable(context.params.model);
      return change(deps, context, context.params.model, ({ isWholeBeside }) => commandFor(isWholeBeside));
    },
  });

export const replayCommands = (deps: Deps): readonly Route[] => [
  startRoute(deps),
  simply(deps, 'pause', 'Let a replay stand still', () => ({ type: 'Pause' })),
  simply(deps, 'resume', 'Let a replay go on', () => ({ type: 'Resume' })),
  throttleRoute(deps),
  verifyRoute(deps),
  swapRoute(deps),
  simply(deps, 'rollback', 'Read the generation again that was read before', (isWhole) => ({
    type: 'RollBack',
    isWhole,
  })),
  simply(deps, 'cancel', 'End a replay, and throw away what it has built', () => ({ type: 'Cancel' })),
  simply(deps, 'drop', 'Throw away the generation that is not read', () => ({ type: 'Drop' })),
];

const startRoute = (deps: Deps): Route =>
  route({
    method: 'post',
    path: '/v1/admin/replays',
    operationId: 'startReplay',
    summary: 'Build a read model again from the log, beside the one that is read',
    tag: 'admin',
    access: 'operator',
    body: startShape,
    responses: { 201: { description: 'It is being built.', schema: replayedShape } },
    problems: [
      ...problems,
      'NO_ROOM',
      'REPLAY_NOT_PARALLEL',
      'MOMENT_INVALID',
      'MOMENT_IN_FUTURE',
      'MOMENTS_BACKWARDS',
    ],
    handle: async (context) => {
      const { model, eventsPerSecond = 0, from, until, streams, workers = 1 } = context.body;
      const only = streamsOf(model, streams, deps.replays.categoriesOf(model));
      const refusal = await deps.replays.refusal(model, workers);
      if (refusal !== undefined) return { refused: refusal };
      const between = await deps.replays.between(from, until);
      if (!between.ok) return { refused: between.refusal };
      const part = { ...between.value, ...(only === undefined ? {} : { streams: only }) };
      await deps.replays.clearNext(model);
      return change(deps, context, model, () => ({ type: 'Start', eventsPerSecond, part, workers }), 201);
    },
  });

/** Undefined: all that the model reads, which is no part. Throws `Problem` INVALID_REQUEST. */
const streamsOf = (
  model: string,
  asked: readonly string[] | undefined,
  read: readonly string[] | undefined,
): readonly string[] | undefined => {
  if (asked === undefined || read === undefined) return asked;
  const unknown = asked.filter((one) => !read.includes(one));
  if (unknown.length > 0) throw new Problem('INVALID_REQUEST', `${model} reads no streams ${unknown.join(', ')}`);
  const only = [...new Set(asked)];
  return only.length === read.length ? undefined : only;
};

const throttleRoute = (deps: Deps): Route =>
  route({
    method: 'post',
    path: '/v1/admin/replays/{model}/throttle',
    operationId: 'throttleReplay',
    summary: 'Say how fast a replay may go',
    tag: 'admin',
    access: 'operator',
    params,
    body: z.strictObject({ eventsPerSecond: limitShape }),
    responses: { 200: { description: 'It is so, now or since before.', schema: replayedShape } },
    problems: [...problems],
    handle: (context) => {
      const { eventsPerSecond } = context.body;
      return change(deps, context, context.params.model, () => ({ type: 'Throttle', eventsPerSecond }));
    },
  });

const swapRoute = (deps: Deps): Route =>
  route({
    method: 'post',
    path: '/v1/admin/replays/{model}/swap',
    operationId: 'swapReplay',
    summary: 'Read the generation that was built, in place of the one that is read, which is kept',
    tag: 'admin',
    access: 'operator',
    params,
    body: z.strictObject({
      unverified: z.boolean().optional().meta({ description: 'Although it was not compared with the log.' }),
    }),
    responses: { 200: { description: 'It is decided.', schema: replayedShape } },
    problems: [...problems],
    handle: async (context) => {
      await deps.replays.assertReadable(context.params.model);
      const { unverified = false } = context.body;
      const swap = ({ isWholeBeside: isWhole }: ReplayedModel): ReplayCommand => ({
        type: 'Swap',
        isWhole,
        unverified,
      });
      return change(deps, context, context.params.model, swap);
    },
  });

const verifyRoute = ({ replays, clock }: Deps): Route =>
  route({
    method: 'post',
    path: '/v1/admin/replays/{model}/verify',
    operationId: 'verifyReplay',
    summary: 'Compare what was built with the log, and with what is read',
    tag: 'admin',
    access: 'operator',
    params,
    body: z.strictObject({
      sample: z
        .int()
        .min(1)
        .max(1_000_000)
        .optional()
        .meta({ description: 'So many rows, and only with what is read.' }),
    }),
    responses: {
      200: { description: 'It is done.', schema: verificationShape },
      202: { description: 'It is being done; the list of replays has its report later.', schema: verifyingShape },
    },
    problems: [
      'READ_MODEL_UNKNOWN',
      'NO_REPLAY',
      'VERIFICATION_UNDER_WAY',
      'BUILT_ELSEWHERE',
      'REPLAY_PARTIAL',
      'REPLAY_UNFINISHED',
    ],
    handle: async (context) => {
      const { model } = context.params;
      const { sample } = context.body;
      const { operator, correlationId } = operatorOf(context);
      const begun = replays.verify(model, { operator, correlationId, ...(sample === undefined ? {} : { sample }) });
      if (!begun.ok) return { refused: begun.refusal };
      const { generation, startedAt, report } = begun.value;
      const done = await within(clock, WAITS_MS, report);
      return done === LATE ? { status: 202, body: { model, generation, startedAt } } : { status: 200, body: done };
    },
  });
