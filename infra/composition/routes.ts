// All endpoints: each resource is listed here once.
import type { AllocatorPool } from '@railhead/commands/allocation/allocator-pool.ts';
import { SeatsOnOffer } from '@railhead/commands/allocation/seats-on-offer.ts';
import type { SellingRules } from '@railhead/commands/allocation/selling-rules.ts';
import type { Reservations } from '@railhead/commands/limits/reservations.ts';
import type { OrderProcess } from '@railhead/commands/order-process/order-process.ts';
import type { OrderNumbering } from '@railhead/commands/orders/order-number.ts';
import type { OrderWatch } from '@railhead/commands/orders/order-watch.ts';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { PaymentGateway } from '@railhead/commands/ports/payment-gateway.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { changeTable } from '@railhead/domain/change/fees.ts';
import { REFUND_TABLE } from '@railhead/domain/refund/fees.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import type { Route } from '@railhead/http/route.ts';
import { WaitingRequests } from '@railhead/http/waiting-requests.ts';
import { listDeadLettersRoute } from '@railhead/read-api/dead-letters/list-dead-letters.ts';
import { showOrderHistoryRoute } from '@railhead/read-api/history/show-order-history.ts';
import { listNotificationsRoute } from '@railhead/read-api/notifications/list-notifications.ts';
import { searchOrdersRoute } from '@railhead/read-api/order-search/search-orders.ts';
import { orderQuestions } from '@railhead/read-api/orders/routes.ts';
import { queueQuestions } from '@railhead/read-api/queue/routes.ts';
import type { ReadModels } from '@railhead/read-api/read-models.ts';
import { showRunRoute } from '@railhead/read-api/runs/show-run.ts';
import { findStationsRoute } from '@railhead/read-api/stations/find-stations.ts';
import { trainQuestions } from '@railhead/read-api/trains/routes.ts';
import { seatAlternatives } from '@railhead/read-api/trains/seat-alternatives.ts';
import { deadLetterCommands } from '@railhead/write-api/dead-letters/routes.ts';
import { orderCommands } from '@railhead/write-api/orders/routes.ts';
import { paymentCommands } from '@railhead/write-api/payments/routes.ts';
import { runCommands } from '@railhead/write-api/runs/routes.ts';
import { checkInRoute } from '@railhead/write-api/tickets/check-in.ts';
import type { ValuesOf } from '../config/setting.ts';
import { healthRoutes, type Readiness } from '../http/health-routes.ts';
import { unlimitedUsersOf } from '../http/request-limits-of.ts';
import type { limitSettings, tokenSettings } from '../http/settings.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Dialect } from '../payment/dialect.ts';
import type { paymentSettings } from '../payment/settings.ts';
import { hmacNoticeVerifier } from '../payment/signature.ts';
import { coachSchema } from '../rolling-stock/schema.ts';
import type { saleSettings } from './sale-settings.ts';

export type RoutesDeps = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly runs: RunDirectory;
  readonly rules: SellingRules;
  readonly pool: AllocatorPool;
  readonly reservations: Reservations;
  readonly numbering: OrderNumbering;
  readonly watch: OrderWatch;
  readonly models: ReadModels;
  readonly gateway: PaymentGateway;
  readonly formMerchant: Dialect;
  readonly orderProcess: OrderProcess;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly readiness: () => Promise<Readiness>;
};

export type RoutesConfig = ValuesOf<
  typeof tokenSettings & typeof limitSettings & typeof paymentSettings & typeof saleSettings
>;

/** A careful estimate of the orders that a run's allocator decides in a second. Only the waiting time shown uses it. */
const ORDERS_PER_SECOND = 1_000;
const etaSeconds = (position: number): number => Math.ceil(position / ORDERS_PER_SECOND);

export const routesOf = (deps: RoutesDeps, config: RoutesConfig): readonly Route[] => {
  const {
    store,
    clock,
    runs,
    rules,
    pool,
    reservations,
    numbering,
    watch,
    models,
    gateway,
    orderProcess,
    metrics,
    readiness,
    logger,
  } = deps;
  const { saleDays, idempotencyDays, queueLimit, authSecret, gatewaySecret, callbackToleranceSeconds } = config;
  const { queues } = orderProcess;
  const saleWindow = { days: saleDays };
  const refunds = { store, clock, runs, table: REFUND_TABLE, changes: changeTable(REFUND_TABLE) };
  const reads = { models, offer: new SeatsOnOffer(rules, clock), clock, store, saleWindow };
  const queue = { tokenSecret: authSecret, positionOf: (orderNo: string) => queues.positionOf(orderNo), etaSeconds };
  const waiting = new WaitingRequests({ inAll: config.waitingLimit, ofAccount: config.accountWaitingLimit });
  metrics.gauge('railhead_waiting_requests', 'Requests that wait for a decision', () => waiting.waiting);
  const unlimited = unlimitedUsersOf(config);
  const seatsLimit = config.unpaidSeatsLimit === 0 ? Number.POSITIVE_INFINITY : config.unpaidSeatsLimit;
  const placing = {
    reservations,
    numbering,
    saleWindow,
    idempotencyDays,
    queueLimit,
    queueDepth: (run: { readonly train: string; readonly date: string }) => queues.depthOf(runName(run)),
    unpaid: {
      counted: orderProcess.unpaid,
      limitOf: (userId: string) => (unlimited.has(userId) ? Number.POSITIVE_INFINITY : seatsLimit),
    },
  };
  const formReader = { read: (body: Uint8Array) => deps.formMerchant.open(() => undefined, body, clock.now()) };
  const verifier = hmacNoticeVerifier(gatewaySecret, callbackToleranceSeconds, () => clock.now());
  const heardOfUnknown = (paymentNo: string): void => {
    metrics.noticesUnknown.inc();
    logger.warn({ paymentNo }, 'the gateway signed a notice of a payment that is not in the log; ask it for the money');
  };
  return [
    findStationsRoute(reads),
    ...trainQuestions(reads),
    ...orderCommands({ ...refunds, watch, waiting, queue, alternatives: seatAlternatives(reads), ...placing }),
    ...orderQuestions({ ...reads, ...refunds }),
    showOrderHistoryRoute(reads),
    ...queueQuestions({ store, clock, watch, waiting, queue }),
    ...paymentCommands({ store, clock, gateway, verifier, formReader, heardOfUnknown }),
    searchOrdersRoute(reads),
    listDeadLettersRoute(reads),
    listNotificationsRoute({ store }),
    ...deadLetterCommands({ store, clock, gateway }),
    checkInRoute({ store, clock, runs, checkInMinutes: config.checkInMinutes }),
    showRunRoute({ store, runs }),
    ...runCommands({ store, pool, runs, clock }, coachSchema),
    ...healthRoutes(readiness, metrics, clock),
  ];
};
