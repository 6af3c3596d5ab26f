// A run as operators see it, now or at a moment. It is read from the log, because a decision needs the newest state.
import { withdrawalsOf } from '@railhead/commands/inventory/lock-books.ts';
import { runForOperators } from '@railhead/commands/inventory/run-for-operators.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { load } from '@railhead/commands/streams/load.ts';
import { type RunId, runCategory } from '@railhead/domain/train-run/stream.ts';
import { entityTag } from '@railhead/http/revision.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, seatClassShape, trainShape } from '@railhead/http/shapes.ts';
import { momentOf } from '@railhead/projections/past/moment.ts';
import { runAt } from '@railhead/projections/past/things.ts';
import { told } from '@railhead/projections/past/told-moment.ts';
import { z } from 'zod';
import type { PastQuestions } from '../past/past-questions.ts';
import { countsShape, momentInQuery, pastShape } from '../past/past-shapes.ts';

export type ShowRunDeps = {
  readonly store: EventStore;
  readonly runs: RunDirectory;
  readonly questions: PastQuestions;
};

const runParams = z.object({ train: trainShape, date: dateShape });

export const showRunRoute = (deps: ShowRunDeps): Route =>
  route({
    method: 'get',
    path: '/v1/admin/runs/{train}/{date}',
    operationId: 'showRun',
    summary: 'A run as its log has it: coaches, classes, and what is withdrawn',
    tag: 'admin',
    access: 'operator',
    params: runParams,
    query: z.strictObject({ at: momentInQuery.optional() }),
    responses: {
      200: {
        description:
          '`status` is open or cancelled; a cancelled run is `settled` once all its orders are closed. `stock` and `moment` are there with `at`.',
        schema: z.object({
          train: z.string(),
          date: dateShape,
          status: z.enum(['open', 'cancelled']),
          settled: z.boolean(),
          seatsAssigned: z.boolean(),
          classes: z.array(seatClassShape),
          coaches: z.array(z.looseObject({ coach: z.string(), seatClass: seatClassShape })),
          withdrawals: z.array(
            z.object({
              withdrawalNo: z.string(),
              seatClass: seatClassShape,
              reason: z.string(),
              coach: z.string().optional().meta({ description: 'It has left the composition.' }),
              from: z.string(),
              to: z.string(),
              seats: z.array(z.object({ coach: z.string(), seat: z.string() })),
            }),
          ),
          stock: z
            .array(z.object({ seatClass: seatClassShape, ...countsShape }))
            .optional()
            .meta({ description: 'Seats from the first stop to the last.' }),
          moment: pastShape.optional(),
        }),
      },
    },
    problems: ['TRAIN_NOT_FOUND', 'NOT_YET', 'MOMENT_INVALID', 'MOMENT_IN_FUTURE', 'TOO_MUCH_TO_READ'],
    handle: async (context) => {
      const { params, query } = context;
      if (query.at !== undefined) return runThen(deps, context, params, query.at);
      const { train, date } = params;
      const { state: found, revision } = await load(deps.store, runCategory, { train, date });
      if (found.status === 'absent')
        return { refused: { code: 'TRAIN_NOT_FOUND', detail: `${train} is not on sale for ${date}` } };
      const withdrawals = await withdrawalsOf(deps.store, found);
      const body = runForOperators(found, withdrawals, (run, seatClass) => deps.runs.seatsOf(run, seatClass));
      return { status: 200, headers: { ETag: entityTag(revision) }, body };
    },
  });

const runThen = ({ questions }: ShowRunDeps, context: Parameters<PastQuestions['answer']>[0], run: RunId, at: string) =>
  questions.answer(context, async (past, now) => {
    const moment = await momentOf(past.log, at, now);
    if (!moment.ok) return { refused: moment.refusal };
    const found = await runAt(past, run, moment.value);
    return found.ok ? { status: 200, body: told(found.value) } : { refused: found.refusal };
  });
