// Who waits for seats of a run, for those who run the railway.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { load } from '@railhead/commands/streams/load.ts';
import { SEAT_CLASSES, type SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { classSizes } from '@railhead/domain/train-run/composition.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { PRIORITY_RULES } from '@railhead/domain/waitlist-priorities/events.ts';
import { MOST_RANK } from '@railhead/domain/waitlist-priorities/priority.ts';
import { Problem } from '@railhead/http/problem.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, instantShape, placeShape, seatClassShape, trainShape } from '@railhead/http/shapes.ts';
import type { ShownInLine } from '@railhead/projections/waitlists/line-of-class.ts';
import type { LinesCursor } from '@railhead/projections/waitlists/waitlists-queries.ts';
import { z } from 'zod';
import { limitShape } from '../limit-shape.ts';
import { contentOf, cursorInQuery, cursorOf } from '../page-cursor.ts';
import { LAST_INSTANT_MS } from '../query-shapes.ts';
import { askModel, type ReadModels } from '../read-models.ts';

const MAX_WAITING = 500;

const waitingShape = z
  .object({
    seatClass: seatClassShape,
    position: z.int().meta({ description: 'The place in the line of the class, from 1.' }),
    waitlistNo: z.string(),
    userId: z.string(),
    choice: z.int().meta({ description: 'Which choice of the request it is, from 0.' }),
    from: placeShape,
    to: placeShape,
    travellers: z.int(),
    since: instantShape.meta({ description: 'When the request was submitted. RFC 3339.' }),
    until: instantShape.meta({ description: 'After it nothing is given out to it any more. RFC 3339.' }),
    acceptStanding: z.boolean(),
    chance: z.number().meta({ description: '0 to 1: the share of those who were served from such a place.' }),
    priority: z
      .object({ countsFrom: instantShape, ranks: z.array(z.object({ by: z.enum(PRIORITY_RULES), value: z.int() })) })
      .optional()
      .meta({ description: 'What puts it before or behind others of the same time, if anything does.' }),
  })
  .meta({ id: 'InLine' });

const cursorShape = z.tuple([
  z.enum(SEAT_CLASSES),
  z.int().min(0).max(LAST_INSTANT_MS),
  z.int().min(0).max(MOST_RANK),
  z.int().min(0).max(LAST_INSTANT_MS),
  z.string().regex(/^[A-Za-z0-9]{1,64}$/),
]);

export type ListWaitingDeps = {
  readonly models: Pick<ReadModels, 'waitlists'>;
  readonly store: Pick<EventStore, 'readStream'>;
  readonly clock: Clock;
};

export const listWaitingRoute = ({ models, store, clock }: ListWaitingDeps): Route =>
  route({
    method: 'get',
    path: '/v1/admin/waitlist',
    operationId: 'listWaiting',
    summary: 'Who waits for seats of a run, each class in the order in which it is served',
    tag: 'admin',
    access: 'operator',
    query: z.strictObject({
      train: trainShape,
      date: dateShape.meta({ description: 'The run date.' }),
      seatClass: seatClassShape.optional().meta({ description: 'All classes of the run, if it is not given.' }),
      cursor: cursorInQuery,
      limit: limitShape(MAX_WAITING, 100),
    }),
    responses: {
      200: {
        description: 'A page; `nextCursor` is there if more follow.',
        schema: z.object({ waiting: z.array(waitingShape), nextCursor: z.string().optional() }),
      },
    },
    problems: ['TRAIN_NOT_FOUND', 'CLASS_NOT_ON_TRAIN', 'MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query: { train, date, seatClass, cursor, limit }, request }) => {
      const { state: run } = await load(store, runCategory, { train, date });
      if (run.status === 'absent') throw new Problem('TRAIN_NOT_FOUND', `${train} is not on sale for ${date}`);
      const ofRun = classSizes(run.composition).map((one) => one.seatClass);
      if (seatClass !== undefined && !ofRun.includes(seatClass))
        throw new Problem('CLASS_NOT_ON_TRAIN', `${train} on ${date} has no ${seatClass}`);
      const asked = seatClass === undefined ? ofRun : [seatClass];
      const classes = asked.map((one) => ({ train, date, seatClass: one }));
      const after = cursorIn(cursor, asked);
      const page = await askModel(request, models.waitlists, (queries) =>
        queries.inLines(classes, { after, limit }, clock.now()),
      );
      const { waiting, next } = page;
      const more = next && {
        nextCursor: cursorOf([next.seatClass, next.countsFromMs, next.rank, next.sinceMs, next.waitlistNo]),
      };
      return { status: 200, body: { waiting: waiting.map(shown), ...more } };
    },
  });

const shown = ({ priority, ...one }: ShownInLine) => ({
  ...one,
  ...(priority === undefined ? {} : { priority: { ...priority, ranks: [...priority.ranks] } }),
});

/** Throws `Problem` INVALID_REQUEST, also for a cursor of another class. */
const cursorIn = (cursor: string | undefined, classes: readonly SeatClass[]): LinesCursor | undefined => {
  if (cursor === undefined) return undefined;
  const content = cursorShape.safeParse(contentOf(cursor));
  if (!content.success || !classes.includes(content.data[0]))
    throw new Problem('INVALID_REQUEST', 'query.cursor: is not of a page of this list');
  const [seatClass, countsFromMs, rank, sinceMs, waitlistNo] = content.data;
  return { seatClass, countsFromMs, rank, sinceMs, waitlistNo };
};
