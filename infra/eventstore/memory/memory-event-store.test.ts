import { expect, test } from '@jest/globals';
import { eventStoreContract } from '@railhead/tests/contract/event-store.contract.ts';
import { newEvents } from '@railhead/tests/support/events.ts';
import { MemoryEventStore } from './memory-event-store.ts';

eventStoreContract('memory', { open: async () => new MemoryEventStore() });
eventStoreContract('memory, one stream at a time', {
  open: async () => new MemoryEventStore({ atomicStreams: false }),
});

// Not part of the contract: where a log is shared, the contract's tests add a prefix to the category.
test('a category may have 64 characters', async () => {
  const store = new MemoryEventStore();
  const append = (stream: string) => store.append([{ stream, expected: 'noStream', events: newEvents(1) }]);
  expect(await append(`${'c'.repeat(64)}-1`)).toMatchObject([{ ok: true }]);
  await expect(append(`${'c'.repeat(65)}-1`)).rejects.toMatchObject({ code: 'BAD_STREAM_NAME' });
});
