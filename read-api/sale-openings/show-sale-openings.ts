// When sales open, as operators have said.
import type { SaleOpeningsHere } from '@railhead/commands/sale-openings/sale-openings.ts';
import type { NamedInTimetable } from '@railhead/commands/timetable/named-in-timetable.ts';
import { namedIn } from '@railhead/domain/sale-openings/decide.ts';
import { entityTag } from '@railhead/http/revision.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { saleOpeningsShape, shownOpenings } from '@railhead/http/sale-openings-shapes.ts';

export type ShowOpeningsDeps = { readonly openings: SaleOpeningsHere; readonly timetable: NamedInTimetable };

export const showSaleOpeningsRoute = ({ openings, timetable }: ShowOpeningsDeps): Route =>
  route({
    method: 'get',
    path: '/v1/admin/config/saleOpenings',
    operationId: 'showSaleOpenings',
    summary: 'When the sale of runs, days and stations opens',
    tag: 'admin',
    access: 'operator',
    responses: {
      200: { description: 'What is not named here is sold as soon as its date is.', schema: saleOpeningsShape },
    },
    problems: [],
    handle: async () => {
      const { now } = openings;
      const unknown = await timetable.unknownAmong(namedIn(now.openings));
      return { status: 200, body: shownOpenings(now, unknown), headers: { ETag: entityTag(now.version) } };
    },
  });
