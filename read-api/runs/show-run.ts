// A run as operators see it. It is read from the log, because a decision needs the newest state.
import { classesOf, withdrawalsOf } from '@railhead/commands/inventory/lock-books.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { load } from '@railhead/commands/streams/load.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { entityTag } from '@railhead/http/revision.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, seatClassShape, trainShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

export type ShowRunDeps = { readonly store: EventStore; readonly runs: RunDirectory };

const runParams = z.object({ train: trainShape, date: dateShape });

export const showRunRoute = (deps: ShowRunDeps): Route =>
  route({
    method: 'get',
    path: '/v1/admin/runs/{train}/{date}',
    operationId: 'showRun',
    summary: 'A run as its log has it: coaches, classes, and what is withdrawn',
    tag: 'admin',
    access: 'operator',
    params: runParams,
    responses: {
      200: {
        description: '`status` is open or cancelled; a cancelled run is `settled` once all its orders are closed.',
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
              coach: z.string().optional().meta({ description: 'It has left the composition.' }),
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
      const { state: found, revision } = await load(deps.store, runCategory, { train, date });
      if (found.status === 'absent')
        return { refused: { code: 'TRAIN_NOT_FOUND', detail: `${train} is not on sale for ${date}` } };
      const withdrawals = (await withdrawalsOf(deps.store, found)).map(
        ({ withdrawalNo, seatClass, reason, legs, coach }) => {
          const named = deps.runs.seatsOf(found, seatClass);
          return {
            withdrawalNo,
            seatClass,
            reason,
            ...(coach === undefined ? {} : { coach }),
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
        headers: { ETag: entityTag(revision) },
        body: { train, date, status, settled, seatsAssigned, classes, coaches: composition, withdrawals },
      };
    },
  });
