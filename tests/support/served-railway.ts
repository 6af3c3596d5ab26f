// A whole server in the test's process: the real composition, on a log in memory and a clock that leaps.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStore, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import { RailheadServer } from '@railhead/infra/composition/server.ts';
import { loadConfig } from '@railhead/infra/config/load-config.ts';
import type { Config } from '@railhead/infra/config/settings.ts';
import { SIGNATURE_HEADER, signatureOf } from '@railhead/infra/payment/signature.ts';
import { openTimetable } from '@railhead/infra/timetable/open-source.ts';
import { SignJWT } from 'jose';
import { type DeclaredApi, declaredApi } from './declared-api.ts';
import { GuidedStore } from './guided-store.ts';
import { LeapingClock } from './leaping-clock.ts';
import { ownReadCache } from './own-read-cache.ts';
import { ownReadSql } from './own-read-sql.ts';
import { type Answer, type Ask, ask, type Json, passenger } from './shopper.ts';
import { type SmallRailway, smallRailway } from './small-railway.ts';
import { tempFolder } from './temp-folder.ts';
import { waitUntil } from './wait-until.ts';

export const AUTH_SECRET = 'the-secret-of-the-tests';
export const GATEWAY_SECRET = 'the-gateway-of-the-tests';
export const ORDER_SECRET = 'the-orders-of-the-tests';

/** Eight in the morning in Beijing; trains leave their first stop at ten. */
export const START_MS = Date.parse('2026-11-30T08:00:00+08:00');
export const TODAY = '2026-11-30';
export const RUN_DATE = '2026-12-02';

const all = tempFolder();
let served = 0;

export type TokenOptions = {
  readonly role?: string;
  readonly memberLevel?: number;
  readonly secret?: string;
  readonly endsInSeconds?: number;
  readonly audience?: string;
  readonly issuer?: string;
  /** Seconds from now; a claim that is `null` is left out. */
  readonly issuedInSeconds?: number | null;
  readonly endless?: boolean;
};

export type Notice = {
  readonly paymentNo: string;
  readonly outcome: 'paid' | 'declined';
  readonly amountFen: number;
  readonly version?: number;
};

export class ServedRailway {
  readonly url: string;
  readonly server: RailheadServer;
  readonly store: GuidedStore;
  readonly clock: LeapingClock;
  readonly api: DeclaredApi;
  /** The folder of its files. */
  readonly data: string;

  private constructor(server: RailheadServer, store: GuidedStore, clock: LeapingClock, api: DeclaredApi, data: string) {
    this.data = data;
    this.url = server.url;
    this.server = server;
    this.store = store;
    this.clock = clock;
    this.api = api;
  }

  /** Train G900 by `smallRailway`, on a log in memory if none is given, on sale from `TODAY` and shown, with all read models there. */
  static async start(railway: SmallRailway, settings: Partial<Config> = {}, log?: EventStore): Promise<ServedRailway> {
    const served = await ServedRailway.startShown(railway, settings, log);
    const runners = served.server.container.get(PARTS.projectionRunners);
    return served.#orStop(() =>
      waitUntil('all models to be there', () => runners.every(({ unreadable }) => unreadable === undefined)),
    );
  }

  /** The same; models that nobody has to wait for need not be there, as when their server is away. */
  static async startShown(
    railway: SmallRailway,
    settings: Partial<Config> = {},
    log?: EventStore,
  ): Promise<ServedRailway> {
    const served = await ServedRailway.begin(railway, settings, log);
    return served.#orStop(async () => {
      const stuck = await served.server.caughtUp();
      if (stuck.length > 0) throw new Error(`a read model has stopped: ${JSON.stringify(stuck)}`);
      await served.shown();
    });
  }

  /** The same, on sale and perhaps not shown yet. */
  static async begin(railway: SmallRailway, settings: Partial<Config> = {}, log?: EventStore): Promise<ServedRailway> {
    served += 1;
    const root = join(all, String(served));
    const data = join(root, 'data');
    mkdirSync(data, { recursive: true });
    const [, rollingStock = '', , timetable = ''] = smallRailway(root, railway);
    const [readSql, readCache] = [await ownReadSql(), ownReadCache()];
    const flags = {
      data,
      readSql,
      readCache,
      port: 0,
      rollingStock,
      logLevel: 'silent',
      authSecret: AUTH_SECRET,
      orderSecret: ORDER_SECRET,
      // Tests ask faster than people; those of the limits set them.
      accountWritesPerSecond: 0,
      unpaidSeatsLimit: 0,
      ticketsPerTrainLimit: 0,
      ticketsPerDocumentLimit: 0,
      journeysAtOnceLimit: 0,
      cancelledOrdersLimit: 0,
      reconcileEveryMinutes: 0,
      ...settings,
    };
    const { config } = loadConfig({ flags: { gatewaySecret: GATEWAY_SECRET, ...flags }, env: {}, file: undefined });
    const store = new GuidedStore(log);
    const clock = new LeapingClock(START_MS);
    const server = await RailheadServer.start(config, { clock, store });
    try {
      await server.importTimetable(openTimetable(timetable), () => {});
      await server.openSale();
      const api = declaredApi((await ask(`${server.url}/openapi.json`)).body);
      return new ServedRailway(server, store, clock, api, data);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** A server that goes on would keep the test from ending. */
  async #orStop(step: () => Promise<unknown>): Promise<this> {
    try {
      await step();
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  stop(): Promise<void> {
    this.store.followers.open();
    this.store.appends.open();
    return this.server.stop();
  }

  /** Sends a request; the answer must be one that the endpoint declares, and every problem in it. */
  async ask(path: string, options: Ask = {}): Promise<Answer> {
    const answer = await ask(this.url + path, options);
    const method = options.method ?? (options.body === undefined ? 'GET' : 'POST');
    if (answer.headers.get('content-type')?.startsWith('application/problem+json') === true)
      this.api.assertDeclared(method, path, answer.body.code);
    this.api.assertFits(method, path, answer);
    return answer;
  }

  token(
    user: string,
    {
      role,
      memberLevel,
      secret,
      endsInSeconds,
      audience,
      issuer,
      issuedInSeconds = 0,
      endless = false,
    }: TokenOptions = {},
  ): Promise<string> {
    const nowSeconds = Math.floor(this.clock.now() / 1000);
    const claims = {
      ...(role === undefined ? {} : { role }),
      ...(memberLevel === undefined ? {} : { memberLevel }),
      ...(issuedInSeconds === null ? {} : { iat: nowSeconds + issuedInSeconds }),
      ...(endless ? {} : { exp: nowSeconds + (endsInSeconds ?? 30 * 86_400) }),
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(user)
      .setIssuer(issuer ?? 'railhead')
      .setAudience(audience ?? 'railhead')
      .sign(new TextEncoder().encode(secret ?? AUTH_SECRET));
  }

  /** Orders as `alice`; waits for the decision unless the headers say otherwise. */
  async order(extra: object = {}, headers: Readonly<Record<string, string>> = { Prefer: 'wait=10' }): Promise<Answer> {
    const body = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second', ...extra };
    const token = await this.token('alice');
    return this.ask('/v1/orders', { token, headers, body: { passengers: [passenger()], ...body } });
  }

  async pay(orderNo: string): Promise<Answer> {
    return this.ask(`/v1/orders/${orderNo}/payments`, {
      token: await this.token('alice'),
      body: { channel: 'sandbox' },
    });
  }

  /** Pays an order of `alice` as a payer does, at the gateway's own page. */
  async payAtGateway(orderNo: string): Promise<void> {
    const { payUrl } = (await this.pay(orderNo)).body;
    await ask(payUrl, { body: { outcome: 'paid' } });
  }

  /** An order of `alice`, as it is after all that the log has now. */
  async orderNow(orderNo: string): Promise<Json> {
    const headers = { 'Railhead-Min-Position': String(await this.store.lastPosition()) };
    return (await this.ask(`/v1/orders/${orderNo}`, { token: await this.token('alice'), headers })).body;
  }

  /** The same, once it has come so far. */
  orderAtLast(orderNo: string, isSo: (order: Json) => boolean): Promise<Json> {
    return waitUntil(`order ${orderNo} to come so far`, async () => {
      const order = await this.orderNow(orderNo);
      return isSo(order) ? order : undefined;
    });
  }

  /** An order of so many travellers, with its tickets. */
  async ticketed(party: number, extra: object = {}): Promise<Json> {
    const passengers = Array.from({ length: party }, () => passenger());
    const { orderNo } = (await this.order({ passengers, ...extra })).body;
    await this.payAtGateway(orderNo);
    return this.orderAtLast(orderNo, ({ status }) => status === 'SUCCESS');
  }

  /** As the gateway sends it. */
  notify({ version = 1, ...notice }: Notice): Promise<Answer> {
    const body = JSON.stringify({ version, gatewayRef: 'ref', ...notice });
    const headers = { [SIGNATURE_HEADER]: signatureOf(GATEWAY_SECRET, this.clock.now(), Buffer.from(body)) };
    return this.ask('/v1/payments/callback', { body, headers });
  }

  async operate(method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
    const token = await this.token('olga', { role: 'operator' });
    const headers = key === undefined ? {} : { 'Idempotency-Key': key };
    const url = `/v1/admin/runs/G900/${RUN_DATE}${path}`;
    return this.ask(url, { method, token, headers, ...(body === undefined ? {} : { body }) });
  }

  async events(): Promise<readonly RecordedEvent[]> {
    return (await this.store.readAll({ after: 0, limit: 100_000 })).events;
  }

  /** Resolves when the orders and the timetable show everything that is in the log. */
  async shown(): Promise<number> {
    const position = await this.store.lastPosition();
    const headers = { 'Railhead-Min-Position': String(position) };
    const token = await this.token('alice');
    await waitUntil(
      'the orders to be shown',
      async () => (await this.ask('/v1/orders', { token, headers })).status === 200,
    );
    const trains = `/v1/trains?from=ST0&to=ST1&date=${RUN_DATE}`;
    await waitUntil('the trains to be shown', async () => (await this.ask(trains, { headers })).status === 200);
    return position;
  }

  /** Resolves when every model has everything that is in the log, also those that nobody waits for. */
  async allShown(): Promise<void> {
    await waitUntil('all models to have all', async () => {
      const models: readonly Json[] = Object.values((await ask(`${this.url}/readyz`)).body.models);
      return models.every(({ lagEvents }) => lagEvents === 0);
    });
    await this.shown();
  }

  async statusOf(orderNo: string): Promise<string> {
    return (await this.ask(`/v1/orders/${orderNo}`, { token: await this.token('alice') })).body.status;
  }
}
