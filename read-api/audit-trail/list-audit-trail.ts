// Who did what, and when, over all streams: the log without its data, and with it, masked, where somebody asks.
import { withoutPersonalData } from '@railhead/commands/orders/masking.ts';
import { timestampOf } from '@railhead/commands/ports/clock.ts';
import type { EventStore, Position } from '@railhead/commands/ports/event-store.ts';
import { parseRunName } from '@railhead/domain/train-run/stream.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { dateShape, instantShape } from '@railhead/http/shapes.ts';
import { aboutOf } from '@railhead/projections/audit-trail/about.ts';
import type { AuditEntry } from '@railhead/projections/audit-trail/audit-trail-queries.ts';
import { z } from 'zod';
import { limitShape, wholeNumber } from '../limit-shape.ts';
import { instantInQuery, numberInQuery } from '../query-shapes.ts';
import { askModel, type ReadContext } from '../read-models.ts';

const MAX_ENTRIES = 100;
/** Each event is read from the log. */
const MAX_WITH_DATA = 20;

const entryShape = z
  .object({
    position: z.int(),
    at: instantShape,
    actor: z.string(),
    category: z.string(),
    stream: z.string(),
    type: z.string(),
    orderNo: z.string().optional(),
    train: z.string().optional(),
    date: dateShape.optional(),
    data: z
      .unknown()
      .optional()
      .meta({ description: 'Of the event, with personal data masked; only where asked for.' }),
  })
  .meta({ id: 'AuditEntry' });

const queryShape = z
  .strictObject({
    actor: z
      .string()
      .regex(/^[A-Za-z0-9._@-]{1,128}$/, 'must be the name of a user, railhead or gateway')
      .optional(),
    stream: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,257}$/, 'must be the name of a stream')
      .optional(),
    category: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/, 'must be the name of a category of streams')
      .optional(),
    type: z
      .string()
      .regex(/^[A-Za-z0-9]{1,128}$/, 'must be the type of an event')
      .optional(),
    order: numberInQuery.meta({ description: 'The number of an order: its events, and those of its payments.' }),
    run: z
      .string()
      .regex(/^[A-Za-z0-9]{1,16}_\d{4}-\d{2}-\d{2}$/, 'must be a train and its run date, such as G1_2026-12-01')
      .transform((text) => parseRunName(text))
      .optional()
      .meta({
        description:
          'A train and its run date, `G1_2026-12-01`: events of the run, of its queue and of its lock books.',
      }),
    from: instantInQuery.meta({ description: 'RFC 3339 with a zone.' }),
    to: instantInQuery,
    data: z
      .enum(['true', 'false'])
      .default('false')
      .meta({ description: `The data of each event, masked; of at most ${MAX_WITH_DATA} events.` }),
    cursor: wholeNumber.min(1).optional(),
    limit: limitShape(MAX_ENTRIES, 20),
  })
  .refine(({ data, limit }) => data === 'false' || limit <= MAX_WITH_DATA, {
    path: ['limit'],
    message: `must be at most ${MAX_WITH_DATA} with data`,
  });

export type AuditReads = Pick<ReadContext, 'models' | 'clock'> & { readonly store: Pick<EventStore, 'eventAt'> };

export const listAuditTrailRoute = ({ models, clock, store }: AuditReads): Route =>
  route({
    method: 'get',
    path: '/v1/admin/audit',
    operationId: 'listAuditTrail',
    summary: 'Who did what, newest first',
    tag: 'admin',
    access: 'operator',
    query: queryShape,
    responses: {
      200: {
        description: 'A page; `nextCursor` is there if more may follow, also after a page that is not full.',
        schema: z.object({ entries: z.array(entryShape), nextCursor: z.int().optional() }),
      },
    },
    problems: ['MODEL_BEHIND', 'POSITION_INVALID'],
    handle: async ({ query: { from, to, data, cursor, limit, ...filter }, request }) => {
      const { entries, next } = await askModel(request, models.auditTrail, (queries) =>
        queries.newest({ ...filter, fromMs: from, toMs: to }, { cursor, limit }),
      );
      const shown = entries.map((entry) => ({ ...entryOf(entry), at: timestampOf(clock, entry.atMs) }));
      const full = data === 'true' ? await Promise.all(shown.map((entry) => withData(store, entry))) : shown;
      return { status: 200, body: { entries: full, ...(next === undefined ? {} : { nextCursor: next }) } };
    },
  });

const entryOf = ({ position, actor, stream, type }: AuditEntry) => {
  const { category, orderNo, run } = aboutOf(stream);
  return { position, actor, category, stream, type, ...(orderNo === undefined ? {} : { orderNo }), ...run };
};

const withData = async <Entry extends { readonly position: Position; readonly stream: string }>(
  store: AuditReads['store'],
  entry: Entry,
): Promise<Entry & { readonly data?: unknown }> => {
  const event = await store.eventAt(entry.position);
  // After a backup of the log was put back, another one may stand there until the model is built again.
  return event?.stream === entry.stream ? { ...entry, data: withoutPersonalData(event.data) } : entry;
};
