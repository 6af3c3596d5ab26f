// What a model that is loaded asks of the log, and what it tells: each thing that somebody should know is a line.
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { PositionProof } from './projection.ts';

export const proofOf = (
  store: Pick<EventStore, 'fingerprintAt'>,
  logger: Logger,
  model: () => string,
): Omit<PositionProof, 'reached' | 'ending'> => ({
  fingerprintAt: (position) => store.fingerprintAt(position),
  dropped: (position) =>
    logger.warn(
      { model: model(), position },
      'a read model was at a position of another log; it is built again from this one',
    ),
  setAside: (stream, why) =>
    logger.error({ model: model(), stream, why }, 'a read model does not understand an event; its stream is set aside'),
  damaged: (what) =>
    logger.error({ model: model(), what }, 'what is stored of a read model is damaged; it is built again'),
  notKept: (error) =>
    logger.warn(
      { err: error, model: model() },
      'a read model could not keep its states; the next start has more to read',
    ),
});
