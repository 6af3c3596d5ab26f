// The gate, or the conductor, sees a ticket.

import { type CheckInDeps, checkIn } from '@railhead/commands/tickets/check-in.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { z } from 'zod';

const ticketNoShape = z
  .string()
  .max(80)
  .regex(/^[A-Za-z0-9]+$/, 'must be a ticket number');

export const checkInRoute = (deps: CheckInDeps): Route =>
  route({
    method: 'post',
    path: '/v1/admin/tickets/{ticketNo}/check-in',
    operationId: 'checkIn',
    summary: 'Mark a ticket as used: its traveller boards',
    tag: 'admin',
    access: 'operator',
    params: z.object({ ticketNo: ticketNoShape }),
    responses: {
      200: {
        description: 'The ticket is used, now or since before.',
        schema: z.object({
          ticketNo: z.string(),
          ticketStatus: z.literal('USED'),
          already: z.boolean().meta({ description: 'It was used before.' }),
        }),
      },
    },
    problems: ['TICKET_UNKNOWN', 'TICKET_VOID', 'CHECK_IN_CLOSED', 'CONTENDED'],
    handle: async ({ params: { ticketNo }, caller, requestId }) => {
      const done = await checkIn(deps, { ticketNo, operator: caller.userId, correlationId: requestId });
      if (!done.ok) return { refused: done.refusal };
      const { changed, position } = done.value;
      const body = { ticketNo, ticketStatus: 'USED' as const, already: !changed };
      return { status: 200, body, headers: positionHeader(position) };
    },
  });
