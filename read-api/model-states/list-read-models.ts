// Lists the read models as this process knows them, with what they leave out.
import type { LeftOut } from '@railhead/domain/read-model/fold.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { z } from 'zod';

const eventShape = { position: z.int(), stream: z.string(), eventType: z.string() };

const modelShape = z.object({
  model: z.string(),
  state: z.enum(['stopped', 'standby', 'catchingUp', 'live', 'failed']),
  position: z.int(),
  lagEvents: z.int().optional(),
  lagSeconds: z.number().optional(),
  failure: z.string().optional().meta({ description: 'What keeps it from going on, or has stopped it.' }),
  refused: z
    .object({ ...eventShape, why: z.string() })
    .optional()
    .meta({ description: 'The event at which it stands.' }),
  setAside: z.array(
    z.object({
      stream: z.string(),
      why: z.string(),
      position: z.int().optional().meta({ description: 'Of the event that it refused.' }),
      at: z.string().optional(),
    }),
  ),
  skipped: z.array(z.object({ ...eventShape, reason: z.string(), by: z.string(), at: z.string() })),
});

export type ModelState = Omit<z.output<typeof modelShape>, 'setAside' | 'skipped'> & {
  readonly leftOut: LeftOut;
  /** Every stream of which it takes nothing more, and why. */
  readonly setAside: ReadonlyMap<string, string>;
};

/** So many of each are listed. */
const MOST_LISTED = 1_000;

export const listReadModelsRoute = (states: () => Promise<readonly ModelState[]>): Route =>
  route({
    method: 'get',
    path: '/v1/admin/read-models',
    operationId: 'listReadModels',
    summary: 'The read models of this process: how far they are, and what they leave out',
    tag: 'admin',
    access: 'operator',
    responses: {
      200: { description: 'All of them.', schema: z.object({ readModels: z.array(modelShape) }) },
    },
    problems: [],
    handle: async () => ({ status: 200, body: { readModels: (await states()).map(shown) } }),
  });

const shown = ({ leftOut, setAside, ...state }: ModelState): z.output<typeof modelShape> => ({
  ...state,
  setAside: [...setAside].slice(0, MOST_LISTED).map(([stream, why]) => {
    const refused = leftOut.setAside.get(stream);
    return refused === undefined ? { stream, why } : { stream, why, position: refused.position, at: refused.at };
  }),
  skipped: [...leftOut.skipped.values()].slice(0, MOST_LISTED),
});
