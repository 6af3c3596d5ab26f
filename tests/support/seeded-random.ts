import type { Random } from '@railhead/commands/ports/random.ts';

/** Mulberry32: small, fast, and the same sequence for the same seed everywhere. */
export const seededRandom = (seed: number): Random & { below(limit: number): number } => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { next, below: (limit) => Math.floor(next() * limit) };
};
