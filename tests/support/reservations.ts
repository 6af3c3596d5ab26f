// Reservations for tests: without limits, unless a test is about them.
import { type Limits, NO_LIMITS } from '@railhead/commands/limits/limits.ts';
import { Reservations } from '@railhead/commands/limits/reservations.ts';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { RunDirectory } from '@railhead/commands/runs/run-directory.ts';

export const RESERVATION_SECRET = 'a-secret-of-the-tests';

export const reservations = (
  { store, clock }: { readonly store: EventStore; readonly clock: Clock },
  limits: Partial<Limits> = {},
): Reservations =>
  new Reservations({
    store,
    clock,
    runs: new RunDirectory(store),
    secret: RESERVATION_SECRET,
    limits: { ...NO_LIMITS, ...limits },
  });
