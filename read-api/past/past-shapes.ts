// What answers about the past have in common.
import { instantShape } from '@railhead/http/shapes.ts';
import { z } from 'zod';

/** Read by `momentOf`, with the zone of the railway. */
export const momentInQuery = z.string().max(64).meta({
  description:
    'A position of the log; or a time, RFC 3339 with an offset, or without one by the clock of the railway. It means: before the first event that is later.',
  example: '2026-12-01T09:00:00+08:00',
});

export const namedEventShape = z
  .object({ position: z.int(), at: instantShape, type: z.string(), stream: z.string(), actor: z.string() })
  .meta({ id: 'NamedEvent' });

export const setAsideShape = z
  .array(z.object({ stream: z.string(), why: z.string() }))
  .meta({ description: 'Streams that this version does not understand to their end.' });

const moment = {
  position: z.int().meta({ description: 'All events up to here.' }),
  at: instantShape.optional().meta({ description: 'When the event at that position was written.' }),
  end: z.int().meta({ description: 'The last position of the log.' }),
};

export const momentShape = z.object(moment).meta({ id: 'Moment' });

export const pastShape = z
  .object({
    ...moment,
    lastEvent: namedEventShape.optional().meta({ description: 'The last event that is in the answer.' }),
    setAside: setAsideShape,
  })
  .meta({ id: 'PastMoment' });

export const countsShape = { total: z.int(), available: z.int(), held: z.int(), sold: z.int() };
