// What was decided about events that a read model cannot take. It is in the log like everything else, so that each store
// of the model, and each model that is built again, leaves out the same events, and everybody can see who decided it.
import type { DomainEvent } from '../kernel/event.ts';

/** An event of the log, by its position in it. */
export type EventPlace = { readonly position: number; readonly stream: string; readonly eventType: string };

/** The model takes nothing more of this stream, from this event on: it refused the event, for this reason. */
export type StreamSetAside = DomainEvent<'StreamSetAside', EventPlace & { readonly why: string }>;
/** The model goes on as if this event were not there; what follows in its stream is taken. */
export type EventSkipped = DomainEvent<'EventSkipped', EventPlace & { readonly reason: string }>;
/** The model is to try this event again, and what follows in its stream. */
export type EventRetried = DomainEvent<'EventRetried', EventPlace>;

export type ReadModelEvent = StreamSetAside | EventSkipped | EventRetried;
