// Reports of reconciliations, for those who run the railway.
import { RECONCILIATION_KINDS } from '@railhead/commands/ports/reconciliation-reports.ts';
import type { Reconciliations } from '@railhead/commands/reconciliation/reconciliations.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { reconciliationShape, reconciliationSummaryShape, reconciliationUnderWayShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { limitShape } from '../limit-shape.ts';

/** Each is a file that has to be read. */
const MAX_REPORTS = 50;

type Deps = { readonly reconciliations: Reconciliations };

export const reconciliationQuestions = (deps: Deps): readonly Route[] => [listRoute(deps), showRoute(deps)];

const listRoute = ({ reconciliations }: Deps): Route =>
  route({
    method: 'get',
    path: '/v1/admin/reconciliations',
    operationId: 'listReconciliations',
    summary: 'Reconciliations that were done, the newest first',
    tag: 'admin',
    access: 'operator',
    query: z.strictObject({
      kind: z.enum(RECONCILIATION_KINDS).optional(),
      cursor: z.string().max(64).optional(),
      limit: limitShape(MAX_REPORTS, 20),
    }),
    responses: {
      200: {
        description: 'A page; `nextCursor` is there if more follow.',
        schema: z.object({ reconciliations: z.array(reconciliationSummaryShape), nextCursor: z.string().optional() }),
      },
    },
    problems: [],
    handle: async ({ query }) => {
      const { reports, nextCursor } = reconciliations.reports.list(query);
      const body = { reconciliations: reports, ...(nextCursor === undefined ? {} : { nextCursor }) };
      return { status: 200, body };
    },
  });

const showRoute = ({ reconciliations }: Deps): Route =>
  route({
    method: 'get',
    path: '/v1/admin/reconciliations/{taskId}',
    operationId: 'showReconciliation',
    summary: 'The report of one reconciliation',
    tag: 'admin',
    access: 'operator',
    params: z.object({ taskId: z.string().min(1).max(64) }),
    responses: {
      200: { description: 'It is done.', schema: reconciliationShape },
      202: { description: 'It is being done.', schema: reconciliationUnderWayShape },
    },
    problems: ['RECONCILIATION_UNKNOWN'],
    handle: async ({ params: { taskId } }) => {
      const { underWay } = reconciliations;
      if (underWay?.taskId === taskId) {
        const { kind, startTime } = underWay;
        return { status: 202, body: { task_id: taskId, kind, start_time: startTime } };
      }
      const report = reconciliations.reports.find(taskId);
      if (report === undefined)
        return { refused: { code: 'RECONCILIATION_UNKNOWN', detail: `there is no reconciliation ${taskId}` } };
      return { status: 200, body: report };
    },
  });
