// Tickets of all orders, for those who run the railway: of a run, whoever travels with it.
import type { Route } from '@railhead/http/route.ts';
import { dateShape, instantShape, journeyFields, orderItemShape, trainShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';
import { limitShape } from '../limit-shape.ts';
import { cursorInQuery, timeCursorIn } from '../page-cursor.ts';
import { numberInQuery } from '../query-shapes.ts';
import { type SalesReads, salesList } from './sales-list.ts';

/** As many as a conductor of a full train reads in a few pages. */
const MAX_TICKETS = 500;
const STATUSES = ['ISSUED', 'REFUNDED', 'CHANGED', 'USED'] as const;

const ticketShape = orderItemShape
  .omit({ fareFen: true, ticketNo: true, ticketStatus: true })
  .extend({
    ticketNo: z.string(),
    status: z.enum(STATUSES),
    ...journeyFields,
    issuedAt: instantShape,
    usedAt: instantShape.optional(),
  })
  .meta({ id: 'ListedTicket' });

export const listTicketsRoute = (reads: SalesReads): Route =>
  salesList(reads, {
    path: '/v1/admin/tickets',
    operationId: 'listTickets',
    summary: 'Tickets, newest first',
    query: z.strictObject({
      ticketNo: numberInQuery,
      orderNo: numberInQuery,
      train: trainShape.optional(),
      date: dateShape.optional().meta({ description: 'The run date.' }),
      status: z.enum(STATUSES).optional(),
      cursor: cursorInQuery,
      limit: limitShape(MAX_TICKETS, 100),
    }),
    rows: 'tickets',
    shape: ticketShape,
    find: (sales, { cursor, ...filter }) => sales.tickets({ ...filter, cursor: timeCursorIn(cursor) }),
  });
