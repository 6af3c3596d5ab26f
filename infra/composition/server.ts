// Everything in one process on one port: log, order process, read models, both APIs and the sandbox gateway.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SeatsOnOffer } from '@railhead/commands/allocation/seats-on-offer.ts';
import type { ReadProgress, TimetableSource } from '@railhead/commands/ports/timetable-source.ts';
import { type OpenRunsReport, openRuns } from '@railhead/commands/runs/open-runs.ts';
import { datesOnSale } from '@railhead/commands/runs/sale-window.ts';
import { type ImportReport, importTimetable } from '@railhead/commands/timetable/import-timetable.ts';
import { readTimetable } from '@railhead/commands/timetable/read-timetable.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import { createApp } from '@railhead/http/app.ts';
import { openApiDocument } from '@railhead/http/openapi.ts';
import type { Route } from '@railhead/http/route.ts';
import { showOrderHistoryRoute } from '@railhead/read-api/history/show-order-history.ts';
import { orderQuestions } from '@railhead/read-api/orders/routes.ts';
import { queueQuestions } from '@railhead/read-api/queue/routes.ts';
import { showRunRoute } from '@railhead/read-api/runs/show-run.ts';
import { findStationsRoute } from '@railhead/read-api/stations/find-stations.ts';
import { trainQuestions } from '@railhead/read-api/trains/routes.ts';
import { seatAlternatives } from '@railhead/read-api/trains/seat-alternatives.ts';
import { orderCommands } from '@railhead/write-api/orders/routes.ts';
import { paymentCommands } from '@railhead/write-api/payments/routes.ts';
import { runCommands } from '@railhead/write-api/runs/routes.ts';
import type { Container } from 'inversify';
import type { Config } from '../config/settings.ts';
import { mountApiDocs } from '../http/api-docs.ts';
import { healthRoutes, type Readiness } from '../http/health-routes.ts';
import { tokenAuthenticator } from '../http/tokens.ts';
import { hmacNoticeVerifier } from '../payment/signature.ts';
import { rollingStockFor } from '../rolling-stock/rolling-stock.ts';
import { coachSchema } from '../rolling-stock/schema.ts';
import { checkRules } from '../selling-rules/check-rules.ts';
import { composeContainer, type Foundations, TOKENS } from './container.ts';
import { VERSION } from './version.ts';

/** Orders a run's allocator decides in a second, cautiously; only the waiting time shown depends on it. */
const ORDERS_PER_SECOND = 1_000;
const etaSeconds = (position: number): number => Math.ceil(position / ORDERS_PER_SECOND);

/** Sale windows move at midnight; looked at so often, a run opens soon after. */
const SALE_CHECK_MS = 60_000;

export class RailheadServer {
  readonly #container: Container;
  readonly #http: Server;
  readonly #config: Config;
  #saleTimer: NodeJS.Timeout | undefined;
  #opening: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  private constructor(container: Container, http: Server, config: Config) {
    this.#container = container;
    this.#http = http;
    this.#config = config;
  }

  /** Opens the data folder and listens; unfinished orders go on at once. Throws what the parts throw, half open parts closed. */
  static async start(config: Config, foundations: Foundations = {}): Promise<RailheadServer> {
    let port = config.port;
    const baseUrl = (): string => `http://${config.host === '0.0.0.0' ? '127.0.0.1' : config.host}:${port}`;
    const container = await composeContainer(config, baseUrl, foundations);
    const http = createServer();
    const server = new RailheadServer(container, http, config);
    try {
      http.on('request', server.#app());
      // A connection stays open for the next request, for which a server that stops does not wait.
      http.on('request', (_, response) =>
        response.once('close', () => {
          if (server.#stopping !== undefined) http.closeIdleConnections();
        }),
      );
      http.listen(config.port, config.host);
      await once(http, 'listening');
      // A server that listens on a port has an address of this kind.
      port = (http.address() as AddressInfo).port;
      for (const runner of container.get(TOKENS.runners)) runner.start();
      await container.get(TOKENS.watch).start();
      await container.get(TOKENS.process).start();
      await container.get(TOKENS.runProcess).start();
      container.get(TOKENS.sandbox).start();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get container(): Container {
    return this.#container;
  }

  get url(): string {
    const { port } = this.#http.address() as AddressInfo;
    const local = this.#config.host === '0.0.0.0' || this.#config.host === '127.0.0.1';
    return `http://${local ? 'localhost' : this.#config.host}:${port}`;
  }

  importTimetable(source: TimetableSource, onProgress: (progress: ReadProgress) => void): Promise<ImportReport> {
    const store = this.#container.get(TOKENS.store);
    const clock = this.#container.get(TOKENS.clock);
    return importTimetable({ store, clock }, source, onProgress);
  }

  /** Opens every run of the sale window that is not open yet. */
  async openSale(onProgress: (done: number) => void = () => {}): Promise<OpenRunsReport> {
    const { store, clock, rollingStock } = this.#parts();
    const { saleDays } = this.#config;
    const trains = await readTimetable(store);
    const deps = {
      store,
      clock,
      rollingStock: (train: { train: string; type: string }) => rollingStockFor(rollingStock, train),
    };
    const dates = datesOnSale(clock, { days: saleDays });
    const report = await openRuns(deps, trains.values(), dates, onProgress);
    const get = this.#container.get.bind(this.#container);
    await checkRules(get(TOKENS.rules), get(TOKENS.runs), dates);
    return report;
  }

  /** Opens the runs of new days as they come, for as long as the server runs. */
  keepSaleOpen(): void {
    const logger = this.#container.get(TOKENS.logger);
    const { saleDays } = this.#config;
    const firstDay = (): string => datesOnSale(this.#container.get(TOKENS.clock), { days: saleDays })[0] ?? '';
    let lastDay = firstDay();
    this.#saleTimer = setInterval(() => {
      const today = firstDay();
      if (today === lastDay) return;
      lastDay = today;
      this.#opening = this.openSale().catch((error: unknown) => {
        lastDay = '';
        logger.error({ err: error }, 'the sale of a new day could not be opened; it will be tried again');
      });
    }, SALE_CHECK_MS);
  }

  async caughtUp(): Promise<void> {
    await Promise.all(this.#container.get(TOKENS.runners).map((runner) => runner.caughtUp));
  }

  /** Refuses new connections, finishes open requests, saves where everything was. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#saleTimer);
    await this.#opening;
    if (this.#http.listening) {
      const closed = once(this.#http, 'close');
      this.#http.close();
      this.#http.closeIdleConnections();
      // Whoever waits for an order hears now what is known of it.
      await this.#container.get(TOKENS.watch).stop();
      const impatient = setTimeout(() => this.#http.closeAllConnections(), this.#config.shutdownSeconds * 1_000);
      await closed;
      clearTimeout(impatient);
    }
    const {
      process,
      runProcess,
      watch,
      sandbox,
      runners,
      checkpoints,
      runCheckpoints,
      snapshots,
      pool,
      readDatabase,
      store,
    } = this.#parts();
    await runProcess.stop();
    await process.stop();
    await pool.close();
    await watch.stop();
    await sandbox.stop();
    await Promise.all(runners.map((runner) => runner.stop()));
    checkpoints.close();
    runCheckpoints.close();
    snapshots.close();
    await readDatabase.db.destroy();
    await store.close();
  }

  #parts() {
    const get = this.#container.get.bind(this.#container);
    return {
      store: get(TOKENS.store),
      clock: get(TOKENS.clock),
      rollingStock: get(TOKENS.rollingStock),
      process: get(TOKENS.process),
      runProcess: get(TOKENS.runProcess),
      runCheckpoints: get(TOKENS.runCheckpoints),
      snapshots: get(TOKENS.snapshots),
      pool: get(TOKENS.pool),
      watch: get(TOKENS.watch),
      sandbox: get(TOKENS.sandbox),
      runners: get(TOKENS.runners),
      checkpoints: get(TOKENS.checkpoints),
      readDatabase: get(TOKENS.readDatabase),
    };
  }

  #readiness(): Readiness {
    const parts: Record<string, string> = {};
    for (const runner of this.#container.get(TOKENS.runners)) parts[runner.name] = runner.state;
    const ready = Object.values(parts).every((state) => state === 'live') && this.#stopping === undefined;
    return { ready, parts };
  }

  #app() {
    const config = this.#config;
    const get = this.#container.get.bind(this.#container);
    const { saleDays, idempotencyDays, queueLimit } = config;
    const [store, clock, logger, metrics] = [
      get(TOKENS.store),
      get(TOKENS.clock),
      get(TOKENS.logger),
      get(TOKENS.metrics),
    ];
    const runs = get(TOKENS.runs);
    const watch = get(TOKENS.watch);
    const queues = get(TOKENS.process).queues;
    const offer = new SeatsOnOffer(get(TOKENS.rules), clock);
    const reads = { models: get(TOKENS.models), offer, clock, store };
    const queue = {
      tokenSecret: config.authSecret,
      positionOf: (orderNo: string) => queues.positionOf(orderNo),
      etaSeconds,
    };
    const placing = {
      saleWindow: { days: saleDays },
      idempotencyDays,
      queueLimit,
      queueDepth: (run: { readonly train: string; readonly date: string }) => queues.depthOf(runName(run)),
    };
    const verifier = hmacNoticeVerifier(config.gatewaySecret, config.callbackToleranceSeconds, () => clock.now());
    const routes: readonly Route[] = [
      findStationsRoute(reads),
      ...trainQuestions(reads),
      ...orderCommands({ store, clock, runs, watch, queue, alternatives: seatAlternatives(reads), ...placing }),
      ...orderQuestions(reads),
      showOrderHistoryRoute(reads),
      ...queueQuestions({ store, clock, watch, queue }),
      ...paymentCommands({ store, clock, gateway: get(TOKENS.gateway), verifier }),
      showRunRoute({ store, runs }),
      ...runCommands({ store, pool: get(TOKENS.pool), runs, clock }, coachSchema),
      ...healthRoutes(() => this.#readiness(), metrics),
    ];
    const mounts = [mountApiDocs(openApiDocument(routes, VERSION))];
    if (config.gatewayUrl === '') mounts.push((app) => get(TOKENS.sandbox).mount(app));
    return createApp({
      routes,
      authenticate: tokenAuthenticator(config.authSecret, clock),
      logger,
      bodyLimitBytes: config.bodyLimitBytes,
      observe: (operation, method, status, seconds) => metrics.observe(operation, method, status, seconds),
      mounts,
    });
  }
}
