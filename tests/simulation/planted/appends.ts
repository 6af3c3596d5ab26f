// An event store that changes appends on their way: this is how most planted bugs get in.
import type {
  AppendResult,
  EventStore,
  NewEvent,
  RecordedEvent,
  StreamAppend,
} from '@railhead/commands/ports/event-store.ts';

export const changedAppends = (
  store: EventStore,
  change: (appends: readonly StreamAppend[]) => readonly StreamAppend[],
): EventStore => ({
  capabilities: store.capabilities,
  append: (appends, options) => store.append(change(appends), options),
  readStream: (stream, options) => store.readStream(stream, options),
  readAll: (options) => store.readAll(options),
  subscribe: (options) => store.subscribe(options),
  lastPosition: () => store.lastPosition(),
  eventAt: (position) => store.eventAt(position),
  fingerprintAt: (position) => store.fingerprintAt(position),
  close: () => store.close(),
});

/** Whoever follows this category alone does not get these events. */
export const unheard = (
  store: EventStore,
  category: string,
  isLost: (event: RecordedEvent) => boolean,
): EventStore => ({
  ...changedAppends(store, (appends) => appends),
  subscribe: async function* (options) {
    for await (const batch of store.subscribe(options))
      yield options.categories?.join() === category
        ? { ...batch, events: batch.events.filter((event) => !isLost(event)) }
        : batch;
  },
});

/** Who places an order is told so at once, whatever becomes of the write. */
export const answeringEarly = (store: EventStore): EventStore => ({
  ...changedAppends(store, (appends) => appends),
  append: async (appends, options) => {
    const written = store.append(appends, options);
    if (!appends.some(({ events: [first] }) => first?.type === 'OrderRequested')) return written;
    written.catch(() => {});
    return appends.map(({ expected, events }): AppendResult => {
      const revision = (typeof expected === 'number' ? expected : -1) + events.length;
      return { ok: true, revision, position: 0, repeated: false };
    });
  },
});

/** Drops some events, and reports them as written. */
export const withoutEvents = (
  store: EventStore,
  lost: (event: NewEvent & { readonly stream: string }) => boolean,
): EventStore => ({
  ...changedAppends(store, (appends) => appends),
  append: async (appends, options) => {
    const kept = appends.map((append) => ({
      ...append,
      events: append.events.filter((event) => !lost({ ...event, stream: append.stream })),
    }));
    // An append that had no events demands a revision.
    const isSent = (index: number): boolean => kept[index]?.events.length !== 0 || appends[index]?.events.length === 0;
    const sent = kept.filter((_, index) => isSent(index));
    const results = sent.length === 0 ? [] : [...(await store.append(sent, options))];
    return kept.map(({ expected }, index): AppendResult => {
      const result = isSent(index) ? results.shift() : undefined;
      const revision = typeof expected === 'number' ? expected : -1;
      return result ?? { ok: true, revision, position: 0, repeated: false };
    });
  },
});
