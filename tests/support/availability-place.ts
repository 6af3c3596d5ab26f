// Where a read model of free seats stands, and one life of such a model, fed by hand.
import type { EventBatch, Position } from '@railhead/commands/ports/event-store.ts';
import type { AvailabilityQueries } from '@railhead/projections/availability/shown-stock.ts';
import type { OpenModel } from '@railhead/projections/engine/read-model.ts';
import type { OwnLog } from '@railhead/projections/engine/shared-states.ts';
import { anyLog } from './read-side.ts';

export type AvailabilityPlace = {
  /** One more life of the model, on what is there. */
  open(log: OwnLog): OpenModel<AvailabilityQueries>;
  close(): Promise<void>;
};

/** A log that bears out whatever place a model has stored. */
export const ANY: OwnLog = { fingerprintAt: anyLog.fingerprintAt, lastPosition: async () => Number.MAX_SAFE_INTEGER };

export type FedModel = {
  readonly queries: AvailabilityQueries;
  load(): Promise<Position>;
  apply(batch: EventBatch): Promise<void>;
  /** It stops in order; without, it dies. */
  close(): Promise<void>;
  /** It is not heard of any more. */
  end(): Promise<void>;
};

/** Begins to feed a model, in the place of whoever did before. */
export const beginning = async (place: AvailabilityPlace, log: OwnLog): Promise<FedModel> => {
  const { projection, queries } = place.open(log);
  const over = new AbortController();
  const load = async (): Promise<Position> => {
    await projection.lease?.acquire(
      over.signal,
      async () => false,
      () => {},
    );
    return projection.load({ ...anyLog, fingerprintAt: log.fingerprintAt });
  };
  const end = async (): Promise<void> => projection.lease?.release();
  await load();
  return {
    queries,
    load,
    apply: (batch) => projection.apply(batch),
    close: async () => projection.close?.(),
    end,
  };
};
