// Compares what is shown with the log now, and repairs it where that is asked for.
import { type Clock, LATE, within } from '@railhead/commands/ports/clock.ts';
import { COMPARED_KINDS, type Reconciliations } from '@railhead/commands/reconciliation/reconciliations.ts';
import { Problem } from '@railhead/http/problem.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, reconciliationShape, reconciliationUnderWayShape, trainShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

type Deps = { readonly reconciliations: Reconciliations; readonly clock: Clock };

/** So long the answer waits for the report. */
const WAITS_MS = 5_000;

const bodyShape = z
  .strictObject({
    kind: z.enum(COMPARED_KINDS),
    run: z
      .strictObject({ train: trainShape, date: dateShape })
      .optional()
      .meta({ description: 'Only this run; for the stock.' }),
    repair: z.boolean().optional().meta({
      description: 'Write anew whatever differs, however much it is, and show again what is withheld.',
    }),
  })
  .refine(({ kind, run }) => run === undefined || kind === 'stock', {
    path: ['run'],
    message: 'only the stock can be compared for one run',
  });

export const reconciliationCommands = (deps: Deps): readonly Route[] => [reconcileRoute(deps)];

const reconcileRoute = ({ reconciliations, clock }: Deps): Route =>
  route({
    method: 'post',
    path: '/v1/admin/reconciliations',
    operationId: 'reconcile',
    summary: 'Compare the free seats, or the orders, that are shown with the log',
    tag: 'admin',
    access: 'operator',
    body: bodyShape,
    responses: {
      200: { description: 'It is done.', schema: reconciliationShape },
      202: { description: 'It is being done; ask for its report later.', schema: reconciliationUnderWayShape },
    },
    problems: ['RECONCILIATION_UNDER_WAY', 'TRAIN_NOT_FOUND'],
    handle: async ({ body: { kind, run, repair } }) => {
      const begun = reconciliations.begin(kind, { run, repair });
      if (!begun.ok) return { refused: begun.refusal };
      const { taskId, startTime, report } = begun.value;
      const done = await within(clock, WAITS_MS, report);
      if (done === LATE) return { status: 202, body: { task_id: taskId, kind, start_time: startTime } };
      if (done !== undefined) return { status: 200, body: done };
      if (run === undefined) throw new Problem('UNAVAILABLE', 'the process is about to stop');
      const detail = `${run.train} is not on sale for ${run.date}`;
      return { refused: { code: 'TRAIN_NOT_FOUND', detail } };
    },
  });
