// An operator says when sales open: all of it, in place of what was said before.
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { type SetOpeningsDeps, setSaleOpenings } from '@railhead/commands/sale-openings/set-sale-openings.ts';
import { namedIn } from '@railhead/domain/sale-openings/decide.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { entityTag, expectedRevisions } from '@railhead/http/revision.ts';
import { type Route, route } from '@railhead/http/route.ts';
import {
  openingsGiven,
  saleOpeningsBody,
  saleOpeningsShape,
  shownOpenings,
} from '@railhead/http/sale-openings-shapes.ts';
import { operatorOf } from '../runs/operator-request.ts';

export type SetOpeningsRouteDeps = SetOpeningsDeps & { readonly saleDays: number; readonly logger: Logger };

export const setSaleOpeningsRoute = ({ saleDays, logger, ...deps }: SetOpeningsRouteDeps): Route =>
  route({
    method: 'put',
    path: '/v1/admin/config/saleOpenings',
    operationId: 'setSaleOpenings',
    summary: 'Say when the sale of runs, days and stations opens, in place of what was said before',
    tag: 'admin',
    access: 'operator',
    headers: { 'If-Match': 'The ETag of what was read: if somebody else has changed it since, nothing is done.' },
    body: saleOpeningsBody,
    responses: { 200: { description: 'It holds from now on.', schema: saleOpeningsShape } },
    problems: ['PRECONDITION_FAILED', 'NOT_IN_TIMETABLE', 'CONTENDED'],
    handle: async ({ body, ...context }) => {
      const openings = openingsGiven(body, saleDays);
      const { ifRevision: ifVersion } = expectedRevisions(context.request);
      const condition = ifVersion === undefined ? {} : { ifVersion };
      const { allowUnknown } = body;
      const asked = { openings, allowUnknown, ...condition, ...operatorOf(context) };
      const done = await setSaleOpenings(deps, asked);
      if (!done.ok) return { refused: done.refusal };
      const { position, unknown: taken } = done.value;
      if (position > 0 && taken.trains.length + taken.stations.length > 0)
        logger.warn({ ...taken }, 'openings of sales name what the timetable does not have; nothing opens by those');
      const { now } = deps.openings;
      // A repeat answers with what stands now.
      const unknown = await deps.timetable.unknownAmong(namedIn(now.openings));
      const headers = { ETag: entityTag(now.version), ...positionHeader(position) };
      return { status: 200, body: shownOpenings(now, unknown), headers };
    },
  });
