// Has this thread time to spare?
import { performance } from 'node:perf_hooks';

/** The share of the time is looked at again when so much has gone by. */
const WINDOW_MS = 100;
/** From this share on, whatever else is done makes somebody wait. */
const BUSY_FROM = 0.7;

/** True where the thread had work for most of the time between two looks. */
export const systemBusy = (): (() => boolean) => {
  let [last, atMs, isBusy] = [performance.eventLoopUtilization(), performance.now(), false];
  return () => {
    const nowMs = performance.now();
    if (nowMs - atMs < WINDOW_MS) return isBusy;
    const now = performance.eventLoopUtilization();
    isBusy = performance.eventLoopUtilization(now, last).utilization >= BUSY_FROM;
    [last, atMs] = [now, nowMs];
    return isBusy;
  };
};
