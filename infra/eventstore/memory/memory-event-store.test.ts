import { eventStoreContract } from '@railhead/tests/contract/event-store.contract.ts';
import { MemoryEventStore } from './memory-event-store.ts';

eventStoreContract('memory', { open: async () => new MemoryEventStore() });
eventStoreContract('memory, one stream at a time', {
  open: async () => new MemoryEventStore({ atomicStreams: false }),
});
