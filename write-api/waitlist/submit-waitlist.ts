// Submits a waitlist request.
import { type SubmitWaitlistDeps, submitWaitlist } from '@railhead/commands/waitlist/submit-waitlist.ts';
import { idempotencyKeyOf } from '@railhead/http/idempotency-key.ts';
import { positionHeader } from '@railhead/http/position.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { fenShape, instantShape, passengerShape } from '@railhead/http/shapes.ts';
import { waitlistStatusShape } from '@railhead/http/waitlist-shapes.ts';
import { z } from 'zod';
import { choiceShape } from './shapes.ts';

const body = z
  .strictObject({
    // How many is for the request to say; the limit of the body bounds how many are read.
    choices: z.array(choiceShape).meta({ description: 'One to five journeys that would do, on one or two days.' }),
    passengers: z.array(passengerShape),
    deadline: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'When to give up; at most seven days from now, and 20 minutes before the departure.' }),
    acceptStanding: z.boolean().default(false),
  })
  .meta({ id: 'WaitlistRequest' });

export const submitWaitlistRoute = (deps: SubmitWaitlistDeps): Route =>
  route({
    method: 'post',
    path: '/v1/waitlist',
    operationId: 'submitWaitlist',
    summary: 'Wait for seats that come free, for one to three passengers',
    tag: 'waitlist',
    access: 'user',
    body,
    responses: {
      201: {
        description: 'It waits as soon as `prepayFen` is paid, which has to be done before `payBefore`.',
        schema: z.object({
          waitlistNo: z.string(),
          status: waitlistStatusShape,
          prepayFen: fenShape,
          currency: z.string(),
          payBefore: instantShape,
          deadline: instantShape,
        }),
      },
    },
    problems: [
      'TRAIN_NOT_FOUND',
      'SEATS_FREE',
      'WAITLIST_LIMIT',
      'SALE_STOPPED',
      'RUN_CANCELLED',
      'STATION_NOT_ON_ROUTE',
      'JOURNEY_BACKWARDS',
      'CLASS_NOT_ON_TRAIN',
      'DATE_OUTSIDE_SALE',
      'SALE_CLOSED',
      'SALE_NOT_OPEN',
      'PASSENGER_COUNT',
      'PASSENGER_TWICE',
      'CHOICE_COUNT',
      'CHOICE_TWICE',
      'DATES_APART',
      'DEADLINE_INVALID',
      'IDEMPOTENCY_KEY_REUSED',
      'LIMIT_TRAIN',
      'LIMIT_DOCUMENT',
      'JOURNEY_OVERLAPS',
      'CANCELLED_TOO_OFTEN',
      'CONTENDED',
    ],
    handle: async ({ body: { deadline, passengers, ...asked }, caller, request, requestId }) => {
      const submitted = await submitWaitlist(deps, {
        ...asked,
        ...(deadline === undefined ? {} : { deadline }),
        passengers: passengers.map(({ wants, ...one }) => (wants === undefined ? one : { ...one, wants })),
        userId: caller.userId,
        memberLevel: caller.memberLevel ?? 0,
        idempotencyKey: idempotencyKeyOf(request),
        correlationId: requestId,
      });
      if (!submitted.ok) return { refused: submitted.refusal };
      const { waitlist, position } = submitted.value;
      if (waitlist.request === undefined || waitlist.status === 'ABSENT')
        throw new Error('a submitted waitlist request is not there');
      const { waitlistNo, prepayFen, currency, payBefore, deadline: until } = waitlist.request;
      return {
        status: 201,
        body: { waitlistNo, status: waitlist.status, prepayFen, currency, payBefore, deadline: until },
        headers: { Location: `/v1/waitlist/${waitlistNo}`, ...positionHeader(position) },
      };
    },
  });
