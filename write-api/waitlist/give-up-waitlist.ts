// Gives a waitlist request up.
import type { TransactDeps } from '@railhead/commands/streams/transact.ts';
import { giveUpWaitlist } from '@railhead/commands/waitlist/give-up-waitlist.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { orderNoShape } from '@railhead/http/shapes.ts';
import { waitlistStatusShape } from '@railhead/http/waitlist-shapes.ts';
import { z } from 'zod';

export const giveUpWaitlistRoute = (deps: TransactDeps): Route =>
  route({
    method: 'delete',
    path: '/v1/waitlist/{waitlistNo}',
    operationId: 'giveUpWaitlist',
    summary: 'Give up a waitlist request that has no seats yet',
    tag: 'waitlist',
    access: 'user',
    params: z.object({ waitlistNo: orderNoShape }),
    responses: {
      200: {
        description: 'It waits no more; what was prepaid goes back.',
        schema: z.object({ waitlistNo: z.string(), status: waitlistStatusShape }),
      },
    },
    problems: ['WAITLIST_NOT_FOUND', 'WAITLIST_STATE', 'CONTENDED'],
    handle: async ({ params: { waitlistNo }, caller, requestId }) => {
      const command = { waitlistNo, userId: caller.userId, correlationId: requestId };
      const given = await giveUpWaitlist(deps, command);
      if (!given.ok) return { refused: given.refusal };
      const body = { waitlistNo, status: 'FAIL' as const };
      return { status: 200, body, headers: positionHeader(given.value.position) };
    },
  });
