// All endpoints: each resource is listed here once.
import { setImmediate } from 'node:timers/promises';
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
import { QueueGate } from '@railhead/commands/queue/queue-gate.ts';
import type { QueueProcess } from '@railhead/commands/queue/queue-process.ts';
import type { RunQueues } from '@railhead/commands/queue/run-queues.ts';
import type { ReadBy } from '@railhead/commands/read-models/left-out.ts';
import type { Reconciliations } from '@railhead/commands/reconciliation/reconciliations.ts';
import { ReplenishFeed } from '@railhead/commands/replenish/replenish-feed.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import type { SaleOpeningsHere } from '@railhead/commands/sale-openings/sale-openings.ts';
import { NamedInTimetable } from '@railhead/commands/timetable/named-in-timetable.ts';
import { changeTable } from '@railhead/domain/change/fees.ts';
import { REFUND_TABLE } from '@railhead/domain/refund/fees.ts';
import { type RunId, runName } from '@railhead/domain/train-run/stream.ts';
import type { Route } from '@railhead/http/route.ts';
import { WaitingRequests } from '@railhead/http/waiting-requests.ts';
import { listAuditTrailRoute } from '@railhead/read-api/audit-trail/list-audit-trail.ts';
import { listDeadLettersRoute } from '@railhead/read-api/dead-letters/list-dead-letters.ts';
import { showOrderHistoryRoute } from '@railhead/read-api/history/show-order-history.ts';
import { listReadModelsRoute, type ModelState } from '@railhead/read-api/model-states/list-read-models.ts';
import { listNotificationsRoute } from '@railhead/read-api/notifications/list-notifications.ts';
import { searchOrdersRoute } from '@railhead/read-api/order-search/search-orders.ts';
import { orderQuestions } from '@railhead/read-api/orders/routes.ts';
import { PastQuestions } from '@railhead/read-api/past/past-questions.ts';
import { pastQuestions } from '@railhead/read-api/past/routes.ts';
import { PlaceStreams } from '@railhead/read-api/queue/place-streams.ts';
import { queueQuestions } from '@railhead/read-api/queue/routes.ts';
import type { ReadModels } from '@railhead/read-api/read-models.ts';
import { reconciliationQuestions } from '@railhead/read-api/reconciliations/routes.ts';
import { replayQuestions } from '@railhead/read-api/replays/routes.ts';
import { listReplenishmentsRoute } from '@railhead/read-api/replenish/list-replenishments.ts';
import { showRunRoute } from '@railhead/read-api/runs/show-run.ts';
import { showRunQueueRoute } from '@railhead/read-api/runs/show-run-queue.ts';
import { showSaleOpeningsRoute } from '@railhead/read-api/sale-openings/show-sale-openings.ts';
import { salesQuestions } from '@railhead/read-api/sales/routes.ts';
import { findStationsRoute } from '@railhead/read-api/stations/find-stations.ts';
import type { StationReads } from '@railhead/read-api/stations/station-reads.ts';
import { trainQuestions } from '@railhead/read-api/trains/routes.ts';
import { seatAlternatives } from '@railhead/read-api/trains/seat-alternatives.ts';
import { listWaitingRoute } from '@railhead/read-api/waitlist/list-waiting.ts';
import { listWaitlistsRoute, showWaitlistRoute } from '@railhead/read-api/waitlist/show-waitlist.ts';
import { deadLetterCommands } from '@railhead/write-api/dead-letters/routes.ts';
import { orderCommands } from '@railhead/write-api/orders/routes.ts';
import { paymentCommands } from '@railhead/write-api/payments/routes.ts';
import { joinQueueRoute } from '@railhead/write-api/queue/join-queue.ts';
import { readModelCommands } from '@railhead/write-api/read-models/routes.ts';
import { reconciliationCommands } from '@railhead/write-api/reconciliations/routes.ts';
import { replayCommands } from '@railhead/write-api/replays/routes.ts';
import { runCommands } from '@railhead/write-api/runs/routes.ts';
import { setSaleOpeningsRoute } from '@railhead/write-api/sale-openings/set-sale-openings.ts';
import { checkInRoute } from '@railhead/write-api/tickets/check-in.ts';
import { waitlistCommands } from '@railhead/write-api/waitlist/routes.ts';
import type { ValuesOf } from '../config/setting.ts';
import { healthRoutes, type Readiness } from '../http/health-routes.ts';
import { unlimitedUsersOf } from '../http/request-limits-of.ts';
import type { limitSettings, tokenSettings } from '../http/settings.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Dialect } from '../payment/dialect.ts';
import type { paymentSettings } from '../payment/settings.ts';
import { hmacNoticeVerifier } from '../payment/signature.ts';
import { coachSchema } from '../rolling-stock/schema.ts';
import type { queueSettings } from './queue-settings.ts';
import type { ReplaysHere } from './replays-here.ts';
import type { saleSettings } from './sale-settings.ts';

export type RoutesDeps = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly runs: RunDirectory;
  readonly openings: SaleOpeningsHere;
  readonly rules: SellingRules;
  readonly pool: AllocatorPool;
  readonly reservations: Reservations;
  readonly queues: RunQueues;
  readonly queueProcess: QueueProcess;
  readonly numbering: OrderNumbering;
  readonly watch: OrderWatch;
  readonly models: ReadModels;
  readonly stations: StationReads;
  readonly gateway: PaymentGateway;
  readonly formMerchant: Dialect;
  readonly orderProcess: OrderProcess;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly modelStates: () => Promise<readonly ModelState[]>;
  readonly readBy: ReadBy;
  readonly reconciliations: Reconciliations;
  readonly replays: ReplaysHere;
  readonly readiness: () => Promise<Readiness>;
  /** Lets the sale go first. */
  readonly giveWay: (signal: AbortSignal) => Promise<void>;
};

export type RoutesConfig = ValuesOf<
  typeof queueSettings & typeof tokenSettings & typeof limitSettings & typeof paymentSettings & typeof saleSettings
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
    stations,
    gateway,
    orderProcess,
    metrics,
    readiness,
    logger,
  } = deps;
  const { saleDays, idempotencyDays, queueLimit, authSecret, gatewaySecret, callbackToleranceSeconds } = config;
  const { queues } = orderProcess;
  const saleWindow = { days: saleDays, openings: deps.openings };
  const refunds = { store, clock, runs, table: REFUND_TABLE, changes: changeTable(REFUND_TABLE) };
  const reads = { models, stations, offer: new SeatsOnOffer(rules, clock), clock, store, saleWindow };
  const queue = { tokenSecret: authSecret, positionOf: (orderNo: string) => queues.positionOf(orderNo), etaSeconds };
  const alternatives = seatAlternatives(reads);
  const timetable = new NamedInTimetable(store);
  const waiting = new WaitingRequests({ inAll: config.waitingLimit, ofAccount: config.accountWaitingLimit });
  metrics.gauge('railhead_waiting_requests', 'Requests that wait for a decision', () => waiting.waiting);
  const unlimited = unlimitedUsersOf(config);
  const seatsLimit = config.unpaidSeatsLimit === 0 ? Number.POSITIVE_INFINITY : config.unpaidSeatsLimit;
  const { queues: runQueues, queueProcess } = deps;
  const waitingPlaces = { store, clock, runs, queues: runQueues, saleWindow, tokenSecret: authSecret };
  const noteRequest = (run: RunId): void => queueProcess.noteRequest(run);
  const streams = new PlaceStreams(waitingPlaces, config.queueListenersLimit);
  metrics.gauge('railhead_queue_listeners', 'Streams of places in the queues of runs', () => streams.size);
  const placing = {
    gate: new QueueGate({ clock, queues: runQueues, tokenSecret: authSecret, noteRequest }),
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
  const questions = new PastQuestions({ store, clock, models, giveWay: deps.giveWay });
  const formReader = { read: (body: Uint8Array) => deps.formMerchant.open(() => undefined, body, clock.now()) };
  const verifier = hmacNoticeVerifier(gatewaySecret, callbackToleranceSeconds, () => clock.now());
  const heardOfUnknown = (paymentNo: string): void => {
    metrics.noticesUnknown.inc();
    logger.warn({ paymentNo }, 'the gateway signed a notice of a payment that is not in the log; ask it for the money');
  };
  return [
    findStationsRoute(stations),
    ...trainQuestions(reads),
    ...orderCommands({ ...refunds, watch, waiting, queue, alternatives, ...placing }),
    ...orderQuestions({ ...reads, ...refunds }),
    showOrderHistoryRoute(reads),
    ...queueQuestions({ store, clock, watch, waiting, queue, places: waitingPlaces, streams }),
    joinQueueRoute(waitingPlaces),
    ...paymentCommands({ store, clock, gateway, verifier, formReader, heardOfUnknown }),
    ...waitlistCommands({
      ...{ store, clock, runs, saleWindow, pool, reservations, numbering, gateway },
      paymentMinutes: config.paymentMinutes,
    }),
    showWaitlistRoute({ ...reads, alternatives }),
    listWaitlistsRoute(reads),
    listWaitingRoute(reads),
    searchOrdersRoute(reads),
    listDeadLettersRoute(reads),
    ...salesQuestions(reads),
    listAuditTrailRoute(reads),
    listNotificationsRoute({ store }),
    listReplenishmentsRoute(new ReplenishFeed({ store, turn: () => setImmediate() }), store),
    listReadModelsRoute(deps.modelStates),
    ...replayQuestions(deps.replays),
    ...replayCommands({
      store,
      clock,
      replays: deps.replays,
      replayed: deps.replays.replayed,
      unknown: deps.replays.unknown,
    }),
    ...readModelCommands({ store, clock, readBy: deps.readBy }),
    ...reconciliationQuestions(deps),
    ...reconciliationCommands(deps),
    ...deadLetterCommands({ store, clock, gateway }),
    checkInRoute({ store, clock, runs, checkInMinutes: config.checkInMinutes }),
    showRunRoute({ store, runs, questions }),
    showSaleOpeningsRoute({ openings: deps.openings, timetable }),
    setSaleOpeningsRoute({ store, clock, logger, openings: deps.openings, timetable, saleDays }),
    ...pastQuestions(questions),
    showRunQueueRoute({ runs, queues: runQueues, clock }),
    ...runCommands({ store, pool, runs, clock, queues: runQueues }, coachSchema),
    ...healthRoutes(readiness, metrics, clock),
  ];
};
