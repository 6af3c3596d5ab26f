// Liveness, readiness and metrics.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { type Route, route } from '@railhead/http/route.ts';
import { TokenBuckets } from '@railhead/http/token-buckets.ts';
import { z } from 'zod';
import type { Metrics } from '../observability/metrics.ts';

/** How far a read model is behind the log; left out where the log does not say how far it goes. */
export type ModelLag = {
  readonly state: string;
  readonly position: number;
  readonly lagEvents?: number;
  readonly lagSeconds?: number;
};

/** How far a read model is behind on a replica, in events of the log and in seconds behind the primary; left out where it is not known. */
export type ReplicaLag = Partial<ModelLag> & Pick<ModelLag, 'state'>;

/** `parts`: what each says of itself. Classes whose sale has stopped and streams set aside keep nobody else from being served. */
export type Readiness = {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, string>>;
  readonly models: Readonly<Record<string, ModelLag>>;
  /** By replica and model; absent where there are no replicas. */
  readonly replicas?: Readonly<Record<string, Readonly<Record<string, ReplicaLag>>>>;
  readonly stoppedClasses: Readonly<Record<string, string>>;
  readonly streamsSetAside: Readonly<Record<string, string>>;
  /** Classes that are not shown, and why. */
  readonly withheldClasses: Readonly<Record<string, string>>;
};

const texts = z.record(z.string(), z.string());
const lagShape = z.object({
  state: z.string(),
  position: z.number(),
  lagEvents: z.number().optional(),
  lagSeconds: z.number().optional(),
});
const replicaLagShape = lagShape.partial().required({ state: true });
const readyShape = z.object({
  ready: z.boolean(),
  parts: texts,
  models: z.record(z.string(), lagShape),
  replicas: z.record(z.string(), z.record(z.string(), replicaLagShape)).optional(),
  stoppedClasses: texts,
  streamsSetAside: texts,
  withheldClasses: texts,
});

/** Metrics take milliseconds to make. Whoever asks more often gets the ones that were made last. */
const METRICS_MADE = { perSecond: 5, burst: 10 };

const metricsText = (metrics: Metrics, clock: Clock): (() => Promise<string>) => {
  const made = new TokenBuckets(METRICS_MADE, 1);
  let text: Promise<string> | undefined;
  return () => {
    if (text === undefined || made.take('all', clock.now()).allowed) {
      const next = metrics.registry.metrics();
      text = next;
      next.catch(() => {
        if (text === next) text = undefined;
      });
    }
    return text;
  };
};

export const healthRoutes = (readiness: () => Promise<Readiness>, metrics: Metrics, clock: Clock): readonly Route[] => {
  const textOf = metricsText(metrics, clock);
  return [
    route({
      method: 'get',
      path: '/healthz',
      operationId: 'isAlive',
      summary: 'The process is alive',
      tag: 'operations',
      access: 'public',
      unlimited: true,
      responses: { 200: { description: 'Alive.', schema: z.object({ status: z.literal('ok') }) } },
      problems: [],
      handle: async () => ({ status: 200, body: { status: 'ok' } }),
    }),
    route({
      method: 'get',
      path: '/readyz',
      operationId: 'isReady',
      summary: 'All parts serve',
      tag: 'operations',
      access: 'public',
      unlimited: true,
      responses: {
        200: { description: 'Ready.', schema: readyShape },
        503: { description: 'Not ready; `parts` says what is missing.', schema: readyShape },
      },
      problems: [],
      handle: async () => {
        const state = await readiness();
        return { status: state.ready ? 200 : 503, body: state };
      },
    }),
    route({
      method: 'get',
      path: '/metrics',
      operationId: 'readMetrics',
      summary: 'Metrics for Prometheus',
      tag: 'operations',
      access: 'public',
      unlimited: true,
      responses: { 200: { description: 'The text format.', contentType: 'text/plain', schema: z.string() } },
      problems: [],
      handle: async () => ({ status: 200, contentType: metrics.registry.contentType, text: await textOf() }),
    }),
  ];
};
