// Finds orders by whatever is known of them, for those who run the railway.
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import { Problem } from '@railhead/http/problem.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, fenShape, instantShape, orderShape, placeShape, visibleText } from '@railhead/http/shapes.ts';
import {
  COUNTED_BY,
  type CountedBy,
  ORDER_SORTS,
  ORDER_STATUSES,
  type OrderCursor,
  type OrderQuestion,
  textParts,
} from '@railhead/projections/order-search/order-question.ts';
import { z } from 'zod';
import { limitShape, wholeNumber } from '../limit-shape.ts';
import { contentOf, cursorOf } from '../page-cursor.ts';
import { instantInQuery, numberInQuery } from '../query-shapes.ts';
import { askModel, positionAskedFor, type ReadContext } from '../read-models.ts';

const MAX_ORDERS = 100;
const MAX_TEXT = 100;
/** Each costs a search of its own. */
const MAX_PARTS = 10;

const asText = (most: number) => visibleText(most).trim().min(1).optional();
const amountShape = wholeNumber.min(0).optional();

const isSearchable = (text: string): boolean => {
  const { length } = textParts(text);
  return length >= 1 && length <= MAX_PARTS;
};

const countByShape = z
  .string()
  .max(64)
  .transform((text) => [...new Set(text.split(','))])
  // Safe cast: the next line refuses every other text.
  .refine(
    (names) => names.every((name) => COUNTED_BY.includes(name as CountedBy)),
    `must be some of ${COUNTED_BY.join()}`,
  )
  .transform((names) => COUNTED_BY.filter((name) => names.includes(name)))
  .optional();

const cursorContent = z.tuple([z.enum(ORDER_SORTS), z.union([z.string().max(64), z.int()]), z.string().max(64)]);

const queryShape = z.strictObject({
  orderNo: numberInQuery.meta({ description: 'A whole order number.' }),
  orderNoBegins: numberInQuery.meta({ description: 'How an order number begins.' }),
  userId: asText(128),
  train: z
    .string()
    .regex(/^[A-Za-z0-9]{1,16}$/, 'must be a train number')
    .optional(),
  date: dateShape.optional().meta({ description: 'The run date; or a first and a last one.' }),
  dateFrom: dateShape.optional(),
  dateTo: dateShape.optional(),
  from: asText(60).meta({ description: 'A station by its code or its whole name.' }),
  to: asText(60),
  station: asText(60).meta({ description: 'A station at either end of the journey.' }),
  status: z.enum(ORDER_STATUSES).optional(),
  amountFrom: amountShape.meta({ description: 'Fen.' }),
  amountTo: amountShape,
  requestedFrom: instantInQuery.meta({ description: 'RFC 3339 with a zone.' }),
  requestedTo: instantInQuery,
  passenger: asText(60).meta({ description: "A traveller's whole name." }),
  passengerBegins: asText(60).meta({ description: 'How a name begins.' }),
  passengerHas: asText(60).meta({ description: 'Chinese characters, or whole words, anywhere in a name.' }),
  q: visibleText(MAX_TEXT).refine(isSearchable, `must have 1 to ${MAX_PARTS} words`).optional().meta({
    description: 'Words that all have to be found in any of these; one or two slips are forgiven in long ones.',
  }),
  sort: z.enum(ORDER_SORTS).default('newest'),
  counts: countByShape.meta({ description: `Counts of all that fit, by some of ${COUNTED_BY.join(', ')}.` }),
  cursor: z.string().max(256).optional(),
  limit: limitShape(MAX_ORDERS, 20),
});
type Query = z.output<typeof queryShape>;

const countsShape = z.array(z.object({ value: z.string(), orders: z.int() }));

export const foundOrderShape = orderShape
  .pick({
    orderNo: true,
    status: true,
    train: true,
    date: true,
    seatClass: true,
    requestedAt: true,
    currency: true,
    closeReason: true,
    originalOrderNo: true,
    payments: true,
  })
  .extend({
    userId: z.string(),
    from: placeShape,
    to: placeShape,
    amountFen: fenShape,
    payBefore: instantShape.optional(),
    passengers: z.array(z.string()).meta({ description: 'Their names, masked.' }),
  })
  .meta({ id: 'FoundOrder' });

export const searchOrdersRoute = ({ models }: Pick<ReadContext, 'models'>): Route =>
  route({
    method: 'get',
    path: '/v1/admin/orders',
    operationId: 'searchOrders',
    summary: 'Orders by whatever is known of them',
    tag: 'admin',
    access: 'operator',
    query: queryShape,
    responses: {
      200: {
        description: 'A page; `nextCursor` is there if more follow.',
        schema: z.object({
          orders: z.array(foundOrderShape),
          nextCursor: z.string().optional(),
          counts: z
            .object({
              total: z.int(),
              status: countsShape.optional(),
              train: countsShape.optional(),
              date: countsShape.optional(),
              day: countsShape.optional(),
            })
            .optional()
            .meta({ description: 'The hundred most frequent values each; `day` is that of the request.' }),
        }),
      },
    },
    problems: ['MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query, request }) => {
      const question = questionOf(query);
      const { orders, next, counts } = await askModel(request, models.orderSearch, (queries) =>
        queries.search(question, positionAskedFor(request)),
      );
      const nextCursor = next === undefined ? {} : { nextCursor: writtenCursor(query.sort, next) };
      return {
        status: 200,
        body: { orders: orders.map(found), ...nextCursor, ...(counts === undefined ? {} : { counts }) },
      };
    },
  });

const questionOf = ({
  date,
  amountFrom,
  amountTo,
  requestedFrom,
  requestedTo,
  q,
  counts,
  cursor,
  ...same
}: Query): OrderQuestion => ({
  ...same,
  dateFrom: date ?? same.dateFrom,
  dateTo: date ?? same.dateTo,
  amountFenFrom: amountFrom,
  amountFenTo: amountTo,
  requestedFromMs: requestedFrom,
  requestedToMs: requestedTo,
  text: q,
  countBy: counts,
  cursor: cursor === undefined ? undefined : readCursor(same.sort, cursor),
});

const writtenCursor = (sort: Query['sort'], { key, orderNo }: OrderCursor): string => cursorOf([sort, key, orderNo]);

/** Only of a page of the same order. */
const readCursor = (sort: Query['sort'], text: string): OrderCursor => {
  const parsed = cursorContent.safeParse(contentOf(text));
  const [of, key = '', orderNo = ''] = parsed.data ?? [];
  if (of !== sort || (typeof key === 'string') !== (sort === 'departure'))
    throw new Problem('INVALID_REQUEST', 'query.cursor: is not of a page of this order');
  return { key, orderNo };
};

/** Without whatever else the index keeps. */
const found = (view: OrderView): z.input<typeof foundOrderShape> => ({
  orderNo: view.orderNo,
  userId: view.userId,
  // Safe cast: an order that is found has been requested, so its status is never ABSENT.
  status: view.status as z.input<typeof foundOrderShape>['status'],
  train: view.train,
  date: view.date,
  from: view.from,
  to: view.to,
  seatClass: view.seatClass as z.input<typeof foundOrderShape>['seatClass'],
  requestedAt: view.requestedAt,
  amountFen: view.amountFen,
  currency: view.currency,
  passengers: view.items.map(({ passenger }) => passenger.name),
  payments: [...view.payments],
  ...(view.payBefore === undefined ? {} : { payBefore: view.payBefore }),
  ...(view.closeReason === undefined ? {} : { closeReason: view.closeReason }),
  ...(view.originalOrderNo === undefined ? {} : { originalOrderNo: view.originalOrderNo }),
});
