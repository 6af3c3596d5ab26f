// What operators do to a run on sale: seats out of it and back, more coaches, another composition, no train at all.
import { addCoaches } from '@railhead/commands/inventory/add-coaches.ts';
import { cancelRun } from '@railhead/commands/inventory/cancel-run.ts';
import { changeComposition } from '@railhead/commands/inventory/change-composition.ts';
import { classesOf, withdrawalsOf } from '@railhead/commands/inventory/lock-books.ts';
import type { InventoryDeps } from '@railhead/commands/inventory/operator.ts';
import { returnSeats, withdrawSeats } from '@railhead/commands/inventory/withdraw-seats.ts';
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import { type Caller, type Route, route } from '@railhead/http/route.ts';
import { dateShape, seatClassShape, stationCodeShape, trainShape } from '@railhead/http/shapes.ts';
import type { Request } from 'express';
import { z } from 'zod';
import { keyOf, positionHeader } from './orders-routes.ts';

const run = z.object({ train: trainShape, date: dateShape });
const reason = z.string().trim().min(1).max(200);
/** As a coach is made: two digits, rows of letters or numbers or berths; parsed by the rolling stock's own schema. */
export type CoachSchema = z.ZodType<Coach>;

const MAX_SEATS_NAMED = 1_000;
const MAX_COACHES_SENT = 99;

const seatsShape = z
  .object({ withdrawalNo: z.string(), seats: z.int() })
  .meta({ description: 'The withdrawal, and how many seats it took.' });

const headers = {
  'Idempotency-Key': 'The same request with the same key changes things once; another request is another command.',
};

export const adminRoutes = (deps: InventoryDeps, coachSchema: CoachSchema): readonly Route[] => {
  const coaches = z.array(coachSchema).min(1).max(MAX_COACHES_SENT);
  const operator = (caller: Caller, request: Request, requestId: string) => ({
    operator: caller.userId,
    idempotencyKey: keyOf(request.get('idempotency-key')),
    correlationId: requestId,
  });
  return [
    route({
      method: 'get',
      path: '/v1/admin/runs/{train}/{date}',
      operationId: 'showRun',
      summary: 'A run as its log has it: coaches, classes, and what is withdrawn',
      tag: 'admin',
      access: 'operator',
      params: run,
      responses: {
        200: {
          about: '`status` is open or cancelled; a cancelled run is `settled` once all its orders are closed.',
          schema: z.object({
            train: z.string(),
            date: dateShape,
            status: z.enum(['open', 'cancelled']),
            settled: z.boolean(),
            seatsAssigned: z.boolean(),
            classes: z.array(seatClassShape),
            coaches: z.array(z.looseObject({ coach: z.string(), seatClass: seatClassShape })),
            withdrawals: z.array(
              z.object({
                withdrawalNo: z.string(),
                seatClass: seatClassShape,
                reason: z.string(),
                from: z.string(),
                to: z.string(),
                seats: z.array(z.object({ coach: z.string(), seat: z.string() })),
              }),
            ),
          }),
        },
      },
      problems: ['TRAIN_NOT_FOUND'],
      handle: async ({ params: { train, date } }) => {
        const found = await deps.runs.findNow(train, date);
        if (found === undefined)
          return { refused: { code: 'TRAIN_NOT_FOUND', detail: `${train} is not on sale for ${date}` } };
        const withdrawals = (await withdrawalsOf(deps.store, found)).map(
          ({ withdrawalNo, seatClass, reason: why, legs }) => {
            const named = deps.runs.seatsOf(found, seatClass);
            return {
              withdrawalNo,
              seatClass,
              reason: why,
              from: found.stops[legs[0]?.from ?? 0]?.code ?? '',
              to: found.stops[legs.at(-1)?.to ?? 0]?.code ?? '',
              seats: (legs[0]?.seats ?? []).flatMap((index) => {
                const seat = named[index];
                return seat === undefined ? [] : [{ coach: seat.coach, seat: seat.seat }];
              }),
            };
          },
        );
        const { status, settled, seatsAssigned, composition } = found;
        const classes = classesOf(found);
        return {
          status: 200,
          body: { train, date, status, settled, seatsAssigned, classes, coaches: composition, withdrawals },
        };
      },
    }),
    route({
      method: 'post',
      path: '/v1/admin/runs/{train}/{date}/withdrawals',
      operationId: 'withdrawSeats',
      summary: 'Take seats, or a whole coach, out of sale',
      tag: 'admin',
      access: 'operator',
      headers,
      params: run,
      body: z.object({
        coach: z.string().min(1).max(8),
        seats: z.array(z.string().min(1).max(8)).min(1).max(MAX_SEATS_NAMED).optional(),
        from: stationCodeShape.optional(),
        to: stationCodeShape.optional(),
        reason,
      }),
      responses: { 201: { about: 'None of them is sold from here on.', schema: seatsShape } },
      problems: [
        'TRAIN_NOT_FOUND',
        'COACH_NOT_ON_TRAIN',
        'NO_SUCH_SEAT',
        'SEATS_SOLD',
        'LOCK_ENDED',
        'STATION_NOT_ON_ROUTE',
        'JOURNEY_BACKWARDS',
        'SALE_STOPPED',
        'SALE_CLOSED',
        'RUN_CANCELLED',
        'CONTENDED',
      ],
      handle: async ({ params, body: { seats, from, to, ...body }, caller, request, requestId }) => {
        const part = {
          ...(seats === undefined ? {} : { seats }),
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        };
        const done = await withdrawSeats(deps, {
          ...params,
          ...body,
          ...part,
          ...operator(caller, request, requestId),
        });
        if (!done.ok) return { refused: done.refusal };
        const { position, ...withdrawn } = done.value;
        return { status: 201, body: withdrawn, headers: positionHeader(position) };
      },
    }),
    route({
      method: 'delete',
      path: '/v1/admin/runs/{train}/{date}/withdrawals/{withdrawalNo}',
      operationId: 'returnSeats',
      summary: 'Put withdrawn seats on sale again',
      tag: 'admin',
      access: 'operator',
      params: run.extend({ withdrawalNo: z.string().min(1).max(64) }),
      responses: { 200: { about: 'They are on sale.', schema: z.object({ withdrawalNo: z.string() }) } },
      problems: ['TRAIN_NOT_FOUND', 'WITHDRAWAL_NOT_FOUND', 'SALE_STOPPED', 'CONTENDED'],
      handle: async ({ params, caller, request, requestId }) => {
        const done = await returnSeats(deps, { ...params, ...operator(caller, request, requestId) });
        if (!done.ok) return { refused: done.refusal };
        const { withdrawalNo } = params;
        return { status: 200, body: { withdrawalNo }, headers: positionHeader(done.value.position) };
      },
    }),
    route({
      method: 'post',
      path: '/v1/admin/runs/{train}/{date}/coaches',
      operationId: 'addCoaches',
      summary: 'Add coaches to a run before it leaves',
      tag: 'admin',
      access: 'operator',
      headers,
      params: run,
      body: z.object({ coaches }),
      responses: { 201: { about: 'Their seats are on sale.', schema: z.object({ coaches: z.array(z.string()) }) } },
      problems: [
        'TRAIN_NOT_FOUND',
        'COACH_NUMBER_TAKEN',
        'TOO_MANY_COACHES',
        'CLASS_WITHOUT_FARE',
        'SALE_CLOSED',
        'RUN_CANCELLED',
        'CONTENDED',
      ],
      handle: async ({ params, body, caller, request, requestId }) => {
        const done = await addCoaches(deps, { ...params, ...body, ...operator(caller, request, requestId) });
        if (!done.ok) return { refused: done.refusal };
        const added = body.coaches.map(({ coach }) => coach);
        return { status: 201, body: { coaches: added }, headers: positionHeader(done.value.position) };
      },
    }),
    route({
      method: 'put',
      path: '/v1/admin/runs/{train}/{date}/composition',
      operationId: 'changeComposition',
      summary: 'Make the run of these coaches: the missing are added, those too many withdrawn',
      tag: 'admin',
      access: 'operator',
      headers,
      params: run,
      body: z.object({ coaches, reason }),
      responses: {
        200: {
          about: 'Coach numbers. A coach with travellers in it cannot go: then nothing is changed.',
          schema: z.object({
            added: z.array(z.string()),
            withdrawn: z.array(z.string()),
            returned: z.array(z.string()),
          }),
        },
      },
      problems: [
        'TRAIN_NOT_FOUND',
        'COACH_NUMBER_TAKEN',
        'COACH_DIFFERS',
        'TOO_MANY_COACHES',
        'CLASS_WITHOUT_FARE',
        'COACH_NOT_ON_TRAIN',
        'NO_SUCH_SEAT',
        'SEATS_SOLD',
        'LOCK_ENDED',
        'SALE_STOPPED',
        'STATION_NOT_ON_ROUTE',
        'JOURNEY_BACKWARDS',
        'WITHDRAWAL_NOT_FOUND',
        'SALE_CLOSED',
        'RUN_CANCELLED',
        'CONTENDED',
      ],
      handle: async ({ params, body, caller, request, requestId }) => {
        const done = await changeComposition(deps, { ...params, ...body, ...operator(caller, request, requestId) });
        if (!done.ok) return { refused: done.refusal };
        const { position, ...changed } = done.value;
        return { status: 200, body: changed, headers: positionHeader(position) };
      },
    }),
    route({
      method: 'post',
      path: '/v1/admin/runs/{train}/{date}/cancel',
      operationId: 'cancelRun',
      summary: 'Cancel a run: nothing more is sold, every order is closed, all money goes back',
      tag: 'admin',
      access: 'operator',
      headers,
      params: run,
      body: z.object({ reason }),
      responses: {
        202: {
          about: 'Cancelled. Orders and refunds follow; the run is `settled` when every order is closed.',
          schema: z.object({ train: z.string(), date: dateShape, status: z.literal('cancelled') }),
        },
      },
      problems: ['TRAIN_NOT_FOUND', 'CONTENDED'],
      handle: async ({ params, body, caller, request, requestId }) => {
        const done = await cancelRun(deps, { ...params, ...body, ...operator(caller, request, requestId) });
        if (!done.ok) return { refused: done.refusal };
        return { status: 202, body: { ...params, status: 'cancelled' }, headers: positionHeader(done.value.position) };
      },
    }),
  ];
};
