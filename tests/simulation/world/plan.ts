// A plan: the railway, the faults, and who does what when. It is data only, so that it can be cut down.
import type { QuotaRule } from '@railhead/commands/allocation/quota-rules.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { Composition } from '@railhead/domain/train-run/composition.ts';
import type { Priorities } from '@railhead/domain/waitlist-priorities/events.ts';
import type { FaultRates } from './faults.ts';

/** One act of somebody: a feature, a time, and a seed of its own. */
export type Act = { readonly feature: string; readonly atMs: number; readonly seed: string };

export type RunPlan = {
  readonly train: string;
  readonly stops: number;
  readonly composition: Composition;
  readonly lateAssignment: readonly SeatClass[];
  /** Quotas last until the train leaves, so they never lapse within the day. */
  readonly quotas?: readonly QuotaRule[];
  /** A train that leaves its stops within the day: minutes of the clock at the first stop, and between two stops. */
  readonly leaves?: { readonly first: number; readonly every: number };
};

export const stationOf = (seq: number): string => `ST${seq}`;

/** A document may be on no two journeys at once, whoever buys. The other limits of users are for some of them. */
export type LimitsPlan = {
  readonly ticketsPerTrain: number;
  readonly ticketsPerDocument: number;
  readonly unpaidEndsPerDay: number;
  /** Trains of the run date and of the next day, for those who reach the limits. */
  readonly trains: readonly RunPlan[];
  readonly nextDay: readonly RunPlan[];
};

/** As the token of a user who waits says. */
export const levelOf = (userId: string): number => [0, 0, 1, 5, 9][Number(userId.slice(1)) % 5] ?? 0;

/** Whoever starts a node again may have changed its configuration. */
export const prioritiesOfLife = ({ priorities = [] }: Plan, life: number): Priorities =>
  priorities[(life - 1) % priorities.length] ?? { rules: [], sameTimeSeconds: 0 };

/** The others are agencies. */
export const isLimited = (userId: string): boolean => userId.startsWith('v');

export type Plan = {
  readonly seed: number;
  readonly atomicStreams: boolean;
  /** Messages of one process arrive in the order it sent them. */
  readonly inOrder: boolean;
  readonly nodes: number;
  /**
   * For one node with an atomic store: the store is embedded in it. What it has sent arrives in order or dies with it,
   * nobody else writes, and two batches may be in flight.
   */
  readonly embedded?: boolean;
  /** For several nodes: their SQL models are in one database, and each is fed by one of them at a time. */
  readonly sharedReads?: boolean;
  readonly batchLimit: number;
  readonly latencyMs: number;
  /** The longest delay of subscriptions. */
  readonly lagMs: number;
  readonly paymentMinutes: number;
  /** How long an order waits beyond its time to pay for a gateway that says nothing; 1 by default. */
  readonly gatewayGraceMinutes?: number;
  /** Another system issues the tickets. */
  readonly issuer?: boolean;
  /** Late assignment so long before departure: within the day, or never in it. */
  readonly assignMinutes: number;
  readonly checkpointEveryMs: number;
  /** Events between two snapshots of a class. */
  readonly snapshotEvery: number;
  readonly queueLimit: number;
  /** What people may have; nothing is limited without. */
  readonly limits?: LimitsPlan;
  /** Of queues; as a railway has them without. */
  readonly queue?: { readonly first: number; readonly leastPerSecond: number; readonly mostWaiting: number };
  /** Who goes first of those who wait: in the first life of each node, in the next one, and so on; by time only without. */
  readonly priorities?: readonly Priorities[];
  readonly trains: readonly RunPlan[];
  readonly faults: FaultRates;
  /** Until then acts begin and faults happen; afterwards the world comes to rest. */
  readonly lastsMs: number;
  readonly acts: readonly Act[];
};
