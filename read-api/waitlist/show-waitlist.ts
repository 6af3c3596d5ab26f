// Shows a waitlist request, and the user's own ones.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { SeatAlternatives } from '@railhead/commands/ports/seat-alternatives.ts';
import { Problem } from '@railhead/http/problem.ts';
import { isOperator, type Route, route } from '@railhead/http/route.ts';
import { dateShape, fenShape, instantShape, orderNoShape, placeShape, seatClassShape } from '@railhead/http/shapes.ts';
import { waitlistStatusShape } from '@railhead/http/waitlist-shapes.ts';
import type { WaitlistView } from '@railhead/projections/waitlists/waitlist-view.ts';
import type { ShownWaitlist, WaitlistsQueries } from '@railhead/projections/waitlists/waitlists-queries.ts';
import { z } from 'zod';
import { limitShape, wholeNumber } from '../limit-shape.ts';
import { askModel, type ReadModels } from '../read-models.ts';

export type WaitlistReads = {
  readonly models: Pick<ReadModels, 'waitlists'>;
  readonly store: EventStore;
  readonly clock: Clock;
};

/** `alternatives`: what else is free now. */
export type ShowWaitlistDeps = WaitlistReads & { readonly alternatives: SeatAlternatives };

const choiceShape = z.object({
  train: z.string(),
  date: dateShape,
  from: placeShape,
  to: placeShape,
  seatClass: seatClassShape,
  until: instantShape.meta({ description: 'After it no seat of this choice is given out any more. RFC 3339.' }),
  position: z.int().optional().meta({ description: 'The place in the line, from 1.' }),
  waiting: z.int().optional().meta({ description: 'How many wait in the line.' }),
  chance: z.number().optional().meta({ description: '0 to 1: the share of those who were served from such a place.' }),
  standing: z
    .object({ position: z.int(), waiting: z.int(), chance: z.number() })
    .optional()
    .meta({ description: 'The same for a place to stand, where that is accepted.' }),
  alternatives: z
    .array(
      z.object({
        kind: z.literal('otherClass'),
        train: z.string(),
        date: dateShape,
        seatClass: seatClassShape,
        available: z.int(),
        fareFen: fenShape,
      }),
    )
    .optional()
    .meta({ description: 'Other classes of the train that have seats for the party now, while the request waits.' }),
});

const waitlistShape = z
  .object({
    waitlistNo: z.string(),
    status: waitlistStatusShape,
    prepaid: z.boolean(),
    submittedAt: instantShape,
    prepayFen: fenShape,
    currency: z.string(),
    payBefore: instantShape,
    deadline: instantShape,
    acceptStanding: z.boolean(),
    passengers: z.array(
      z.object({
        name: z.string(),
        idType: z.string(),
        idNo: z.string(),
        kind: z.string(),
        wants: z.string().optional(),
      }),
    ),
    choices: z.array(choiceShape),
    served: z.object({ choice: z.int(), seatClass: seatClassShape }).optional(),
    orderNo: z.string().optional().meta({ description: 'The order that it has become.' }),
    reason: z.string().optional().meta({ description: 'Why it ended without tickets.' }),
  })
  .meta({ id: 'Waitlist' });

/** How long to wait for a request that the model does not have yet, ms. */
const PATIENCE_MS = 1_000;
const MAX_SHOWN = 100;

export const showWaitlistRoute = ({ models: { waitlists }, store, clock, alternatives }: ShowWaitlistDeps): Route =>
  route({
    method: 'get',
    path: '/v1/waitlist/{waitlistNo}',
    operationId: 'showWaitlist',
    summary: 'A waitlist request: its places in the lines, or what became of it',
    tag: 'waitlist',
    access: 'user',
    params: z.object({ waitlistNo: orderNoShape }),
    responses: { 200: { description: 'The waitlist request.', schema: waitlistShape } },
    problems: ['WAITLIST_NOT_FOUND', 'MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ params: { waitlistNo }, caller, request }) => {
      const find = async (queries: WaitlistsQueries): Promise<ShownWaitlist | undefined> => {
        const found = await queries.byNumber(waitlistNo, clock.now());
        return found !== undefined && (found.view.userId === caller.userId || isOperator(caller)) ? found : undefined;
      };
      let found = await askModel(request, waitlists, find);
      if (found === undefined) {
        // It may be so new that the model lacks it, and the client may not have sent a position.
        await waitlists.gate.waitFor(await store.lastPosition(), PATIENCE_MS);
        found = await find(waitlists.queries);
      }
      if (found === undefined) throw new Problem('WAITLIST_NOT_FOUND', `no waitlist request ${waitlistNo}`);
      const shown = withPlaces(found);
      if (found.view.status !== 'MATCHING') return { status: 200, body: shown };
      const party = found.view.passengers.length;
      const free = await Promise.all(
        found.view.choices.map(({ stops, train, date, seatClass }) =>
          alternatives.find({ train, date, seatClass, ...stops, party }),
        ),
      );
      const choices = shown.choices.map((one, index) => ({ ...one, alternatives: free[index] ?? [] }));
      return { status: 200, body: { ...shown, choices } };
    },
  });

export const listWaitlistsRoute = ({ models: { waitlists } }: WaitlistReads): Route =>
  route({
    method: 'get',
    path: '/v1/waitlist',
    operationId: 'listWaitlists',
    summary: 'Your waitlist requests, newest first',
    tag: 'waitlist',
    access: 'user',
    query: z.strictObject({ cursor: wholeNumber.min(1).optional(), limit: limitShape(MAX_SHOWN, 20) }),
    responses: {
      200: {
        description: 'A page; `nextCursor` is there if more follow.',
        schema: z.object({ waitlists: z.array(waitlistShape), nextCursor: z.int().optional() }),
      },
    },
    problems: ['MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query, caller, request }) => {
      const page = await askModel(request, waitlists, (queries) => queries.byUser(caller.userId, query));
      const { nextCursor } = page;
      const shown = page.waitlists.map((view) => withPlaces({ view, places: [] }));
      return { status: 200, body: { waitlists: shown, ...(nextCursor === undefined ? {} : { nextCursor }) } };
    },
  });

/** The request without its user, each choice with its place in the line. */
const withPlaces = ({ view: { userId: _, choices, ...view }, places }: ShownWaitlist) => ({
  ...view,
  choices: choices.map((one, index) => withPlace(one, index, places)),
});

const withPlace = (
  { stops: _, ...one }: WaitlistView['choices'][number],
  index: number,
  places: ShownWaitlist['places'],
) => {
  const of = places.filter(({ choice }) => choice === index);
  const seat = of.find(({ seatClass }) => seatClass === one.seatClass);
  const standing = of.find(({ seatClass }) => seatClass !== one.seatClass);
  return {
    ...one,
    ...(seat === undefined ? {} : numbersOf(seat)),
    ...(standing === undefined ? {} : { standing: numbersOf(standing) }),
  };
};

const numbersOf = ({ position, waiting, chance }: ShownWaitlist['places'][number]) => ({ position, waiting, chance });
