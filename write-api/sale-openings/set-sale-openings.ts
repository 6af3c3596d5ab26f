// An operator says when sales open: all of it, in place of what was said before.
import { type SetOpeningsDeps, setSaleOpenings } from '@railhead/commands/sale-openings/set-sale-openings.ts';
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

export const setSaleOpeningsRoute = ({ saleDays, ...deps }: SetOpeningsDeps & { readonly saleDays: number }): Route =>
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
    problems: ['PRECONDITION_FAILED', 'CONTENDED'],
    handle: async ({ body, ...context }) => {
      const openings = openingsGiven(body, saleDays);
      const { ifRevision: ifVersion } = expectedRevisions(context.request);
      const condition = ifVersion === undefined ? {} : { ifVersion };
      const asked = { openings, ...condition, ...operatorOf(context) };
      const done = await setSaleOpenings(deps, asked);
      if (!done.ok) return { refused: done.refusal };
      const { now } = deps.openings;
      const headers = { ETag: entityTag(now.version), ...positionHeader(done.value.position) };
      return { status: 200, body: shownOpenings(now), headers };
    },
  });
