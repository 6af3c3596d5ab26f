// How orders ended, read from the log as anyone waiting would; and a limit to the waiting, so that no benchmark hangs.
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { World } from './world.ts';

/** Nothing ended for so long though something was awaited: the write side has stopped. */
const STALL_LIMIT_MS = 20_000;
const PREFIX = `${orderCategory.name}-`.length;

export type Outcomes = {
  /** Rejects when the log cannot be followed, contradicts itself or stalls; else never settles. To race against. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
};

/** Calls `onEnd` with each order's events after its request, from now on. `awaited`: how many are still waited for. */
export const followOutcomes = async (
  world: World,
  onEnd: (orderNo: string, type: string) => void,
  awaited: () => number,
): Promise<Outcomes> => {
  const stopping = new AbortController();
  const after = await world.store.lastPosition();
  let lastEnd = Date.now();
  const follow = async (): Promise<void> => {
    const subscription = world.store.subscribe({
      after,
      categories: [orderCategory.name],
      signal: stopping.signal,
      batchSize: 5_000,
    });
    for await (const { events } of subscription)
      for (const { stream, type } of events)
        if (type !== 'OrderRequested') {
          lastEnd = Date.now();
          onEnd(stream.slice(PREFIX), type);
        }
    if (!stopping.signal.aborted) throw new Error('the log ended under the benchmark');
  };
  const following = follow();
  let watch: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, reject) => {
    watch = setInterval(() => {
      if (awaited() === 0) lastEnd = Date.now();
      else if (Date.now() - lastEnd > STALL_LIMIT_MS)
        reject(new Error(`no order was answered for ${STALL_LIMIT_MS} ms while ${awaited()} waited`));
    }, 1_000);
  });
  const broke = following.then(() => new Promise<never>(() => {}));
  const failed = Promise.race([stalled, broke, world.broken]);
  // The caller races against it while it measures; before and after, nobody listens.
  failed.catch(() => {});
  return {
    failed,
    stop: async () => {
      clearInterval(watch);
      stopping.abort();
      await following.catch(() => {});
    },
  };
};
