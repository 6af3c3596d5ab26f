// Events and ids for tests that do not care which.
import { randomUUID } from 'node:crypto';
import type { NewEvent } from '@railhead/commands/ports/event-store.ts';
import type { AnyEvent, EventMeta, Recorded } from '@railhead/domain/kernel/event.ts';

export const testMeta = (commandId = 'test-command'): EventMeta => ({
  commandId,
  correlationId: 'test',
  causationId: 'test',
  actor: 'test',
  at: '2026-11-21T08:00:00.000+08:00',
});

export const newEvent = (data: unknown = {}, type = 'Tested', version = 1): NewEvent => ({
  id: randomUUID(),
  type,
  version,
  data,
  meta: testMeta(),
});

export const newEvents = (count: number): NewEvent[] => Array.from({ length: count }, (_, n) => newEvent({ n }));

/** An event as a fold sees it. */
export const recorded = <Event extends AnyEvent>(event: Event, commandId?: string): Recorded<Event> => ({
  ...event,
  meta: testMeta(commandId),
});
