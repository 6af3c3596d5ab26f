// What happens in a world: the railway, the weather, and who does what when. Data only, so that it can be cut down.
import type { QuotaRule } from '@railhead/commands/allocation/quota-rules.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { Composition } from '@railhead/domain/train-run/composition.ts';
import type { FaultRates } from './faults.ts';

/** Somebody's part in the world: one feature, played once, with chances of its own. */
export type Act = { readonly feature: string; readonly atMs: number; readonly seed: string };

export type RunPlan = {
  readonly train: string;
  readonly stops: number;
  readonly composition: Composition;
  readonly lateAssignment: readonly SeatClass[];
  /** Seats that not everybody may buy; they lapse when the train leaves, so never within the day. */
  readonly quotas?: readonly QuotaRule[];
  /** A train that leaves its stops within the day: minutes of the clock at the first, and from one to the next. */
  readonly leaves?: { readonly first: number; readonly every: number };
};

export const stationOf = (seq: number): string => `ST${seq}`;

export type Plan = {
  readonly seed: number;
  readonly atomicStreams: boolean;
  /** Messages of one process arrive in the order it sent them. */
  readonly inOrder: boolean;
  readonly nodes: number;
  /**
   * Where one node has a store that writes several streams at once: the store is embedded in it. What it has sent arrives
   * in order or dies with it, nobody else writes, and two batches may be in the air.
   */
  readonly embedded?: boolean;
  readonly batchLimit: number;
  readonly latencyMs: number;
  /** How far subscriptions lag behind, at most. */
  readonly lagMs: number;
  readonly paymentMinutes: number;
  /** Seats sold by count are given out so long before departure: before the day is over, or never in it. */
  readonly assignMinutes: number;
  readonly checkpointEveryMs: number;
  /** Events between two snapshots of a class. */
  readonly snapshotEvery: number;
  readonly queueLimit: number;
  readonly trains: readonly RunPlan[];
  readonly faults: FaultRates;
  /** Until then acts begin and faults strike; afterwards the world comes to rest. */
  readonly lastsMs: number;
  readonly acts: readonly Act[];
};
