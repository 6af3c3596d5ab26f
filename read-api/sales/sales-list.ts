// A list of rows of all orders, page by page, for those who run the railway.
import { type Route, route } from '@railhead/http/route.ts';
import type { SalesPage, SalesQueries } from '@railhead/projections/sales/sales-queries.ts';
import { z } from 'zod';
import { timeCursorOf } from '../page-cursor.ts';
import { askModel, type ReadContext } from '../read-models.ts';

export type SalesReads = Pick<ReadContext, 'models'>;

type SalesList<Query extends z.ZodObject, Row> = Pick<Route, 'path' | 'operationId' | 'summary'> & {
  readonly query: Query;
  /** What the rows are called in the answer, and the shape of one. */
  readonly rows: string;
  readonly shape: z.ZodType;
  readonly find: (sales: SalesQueries, query: z.output<Query>) => Promise<SalesPage<Row>>;
};

export const salesList = <Query extends z.ZodObject, Row>(
  { models }: SalesReads,
  { path, operationId, summary, query, rows: name, shape, find }: SalesList<Query, Row>,
): Route =>
  route({
    method: 'get',
    path,
    operationId,
    summary,
    tag: 'admin',
    access: 'operator',
    query,
    responses: {
      200: {
        description: 'A page; `nextCursor` is there if more may follow, also after a page that is not full.',
        schema: z.object({ [name]: z.array(shape), nextCursor: z.string().optional() }),
      },
    },
    problems: ['MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query, request }) => {
      // Safe cast: the list has a query, so the request's is parsed by it.
      const parsed = query as z.output<Query>;
      const { rows, next } = await askModel(request, models.sales, (queries) => find(queries, parsed));
      return { status: 200, body: { [name]: rows, ...timeCursorOf(next) } };
    },
  });
