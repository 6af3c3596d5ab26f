// The generations of read models, as operators see them.
import { MODEL_NAME } from '@railhead/domain/replay/stream.ts';
import { z } from 'zod';
import { instantShape } from './shapes.ts';

export const modelNameShape = z.string().regex(MODEL_NAME, 'must be the name of a read model');
const positionShape = z.int().min(0).meta({ description: 'A position in the log.' });

/** Threads of one replay at most. */
const MOST_WORKERS = 16;

export const workersShape = z
  .int()
  .min(1)
  .max(MOST_WORKERS)
  .meta({ description: 'So many build it at once, each the rows of keys of its own.' });

export const partShape = z.object({
  from: positionShape.optional().meta({ description: 'The first position that is taken.' }),
  until: positionShape.optional().meta({ description: 'The last one.' }),
  streams: z.array(z.string()).optional().meta({ description: 'Categories of streams.' }),
});

const differenceShape = z.object({
  key: z.string(),
  than: z.enum(['log', 'serving']).meta({ description: 'What it is otherwise than.' }),
  position: positionShape,
  rebuilt: z.string().optional().meta({ description: 'The row as it was built, as JSON; absent: there is none.' }),
  other: z.string().optional().meta({ description: 'As the log has it, or as it is read.' }),
  events: z
    .array(z.object({ position: positionShape, stream: z.string(), type: z.string() }))
    .meta({ description: 'Of which it is made, the last ones.' }),
});

export const verificationShape = z
  .object({
    model: z.string(),
    generation: z.int(),
    position: positionShape.meta({ description: 'Where rows and checksum are of.' }),
    rows: z.int(),
    checksum: z.string().meta({ description: 'Of all rows, in whatever order; 32 hexadecimal digits.' }),
    log: z.object({ rows: z.int(), checksum: z.string() }).optional(),
    unlikeLog: z.int().optional().meta({ description: 'Rows that are not as the log has them; absent for a sample.' }),
    unlikeServing: z.int().meta({ description: 'Rows that are not as they are read.' }),
    comparedAt: z.object({ from: positionShape, to: positionShape }),
    differences: z.array(differenceShape).meta({ description: 'The first twenty.' }),
  })
  .meta({ id: 'Verification' });

export const verifyingShape = z.object({ model: z.string(), generation: z.int(), startedAt: instantShape });

const generationShape = {
  generation: z.int(),
  state: z.enum(['stopped', 'standby', 'catchingUp', 'live', 'failed']),
  position: positionShape,
  lagEvents: z.int().optional(),
  lagSeconds: z.number().optional(),
  failure: z.string().optional(),
  setAside: z.int().meta({ description: 'So many streams are set aside.' }),
  rows: z.int().optional().meta({ description: 'Where sizes were asked for.' }),
  bytes: z.int().optional(),
};

export const besideShape = z.object({
  ...generationShape,
  does: z.enum(['building', 'paused', 'whole', 'kept']).meta({
    description: 'whole: it has had everything that the log had, and may take over. kept: it was read before.',
  }),
  percent: z.number(),
  eventsPerSecond: z.number().meta({ description: 'Of the last seconds.' }),
  limit: z.int().meta({ description: 'So many events a second at most; 0: as fast as it goes.' }),
  secondsLeft: z.number().optional(),
  part: partShape,
  workers: workersShape.meta({ description: 'So many build it up to the end of the log.' }),
  by: z.string(),
  startedAt: instantShape,
  verified: z
    .object({
      position: positionShape,
      rows: z.int(),
      checksum: z.string(),
      unlikeLog: z.int().optional(),
      unlikeServing: z.int(),
      at: instantShape,
    })
    .optional(),
  verifying: z.object({ startedAt: instantShape }).optional(),
  verification: verificationShape.optional().meta({ description: 'The last one that this process made.' }),
});

export const replayedShape = z
  .object({
    model: z.string(),
    store: z.string(),
    schemaVersion: z.int().optional(),
    serving: z.object(generationShape),
    movesTo: z.int().optional().meta({
      description: 'The generation that is to be read: it is decided, and this process has not moved yet.',
    }),
    lastRebuild: instantShape.optional().meta({ description: 'When another generation took over.' }),
    beside: besideShape.optional(),
  })
  .meta({ id: 'ReplayedModel' });

export const planShape = z
  .object({
    model: z.string(),
    generation: z.int(),
    store: z.string(),
    events: z.int().meta({ description: 'Positions of the log that are read, at most.' }),
    categories: z.array(z.string()).optional().meta({ description: 'Of these streams; absent: of all.' }),
    eventsPerSecond: z.number().optional().meta({ description: 'Measured in this process; absent: not yet.' }),
    seconds: z.number().optional(),
    bytes: z.int().optional().meta({ description: 'So much room it takes, as the one that is read.' }),
    bytesFree: z.int().optional(),
    workers: z.object({
      possible: z.boolean().meta({ description: 'Can several workers build it?' }),
      why: z.string().optional().meta({ description: 'Why not.' }),
    }),
    refusals: z.array(z.object({ code: z.string(), detail: z.string() })),
  })
  .meta({ id: 'ReplayPlan' });

export type ReplayedState = z.output<typeof replayedShape>;
export type BesideState = z.output<typeof besideShape>;
export type VerificationReport = z.output<typeof verificationShape>;
export type ReplayPlan = z.output<typeof planShape>;
