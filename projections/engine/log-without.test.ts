import { expect, test } from '@jest/globals';
import { skipEvent } from '@railhead/commands/read-models/left-out.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvents } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import fc from 'fast-check';
import { EventsLeftOut } from './left-out.ts';
import { logWithout } from './log-without.ts';

test('pages of a stream are as long as was asked, without what is left out, in both directions', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 12 }),
      fc.record({
        from: fc.option(fc.nat(12)),
        limit: fc.option(fc.integer({ min: 1, max: 14 })),
        isBack: fc.boolean(),
      }),
      async (skipped, { from, limit, isBack }) => {
        const store = new MemoryEventStore();
        await store.append([{ stream: 'letters-1', expected: 'any', events: newEvents(12) }]);
        const deps = { store, clock: realClock, readBy: () => () => true };
        for (const position of skipped)
          await skipEvent(deps, {
            model: 'letters',
            position,
            reason: 'odd',
            operator: 'olga',
            idempotencyKey: String(position),
            correlationId: 'r',
          });
        const leftOut = await EventsLeftOut.read(store, 'letters');
        const without = logWithout(store, leftOut);
        const options = {
          ...(from === null ? {} : { from }),
          direction: isBack ? ('backwards' as const) : ('forwards' as const),
        };
        const all = (await store.readStream('letters-1', options)).filter(
          ({ position }) => !skipped.includes(position),
        );
        const found = await without.readStream('letters-1', { ...options, ...(limit === null ? {} : { limit }) });
        expect(found).toEqual(all.slice(0, limit ?? undefined));
        const page = await without.readAll({ after: 0, limit: 100 });
        expect(page.events.filter(({ stream }) => stream === 'letters-1')).toHaveLength(12 - skipped.length);
      },
    ),
  );
});
