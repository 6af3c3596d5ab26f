// Pauses between attempts: twice as long each time, with full jitter, so that clients do not all come back at once.
import type { EsdbSettings } from './settings.ts';

type Bounds = Pick<EsdbSettings, 'firstBackOffMs' | 'longestBackOffMs'>;

export const backOffMs = (tries: number, { firstBackOffMs, longestBackOffMs }: Bounds, random = Math.random): number =>
  Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.min(tries, 20)) * (0.5 + random() / 2);

/** Resolves early when aborted; never rejects. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });

/** Milliseconds on a clock that nobody can set back. */
export const monotonicMs = (): number => performance.now();
