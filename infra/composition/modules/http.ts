// Both APIs, the API reference and the sandbox gateway on one port. It listens last and closes first.
import { setImmediate } from 'node:timers/promises';
import { nameRequest } from '@railhead/commands/idempotency/name-request.ts';
import { givingWay } from '@railhead/commands/reconciliation/giving-way.ts';
import { createApp } from '@railhead/http/app.ts';
import { openApiDocument } from '@railhead/http/openapi.ts';
import type { dataFolderSettings } from '../../config/data-folder.ts';
import type { ValuesOf } from '../../config/setting.ts';
import { ownerOf, writeOwner } from '../../eventstore/sqlite/folder-owner.ts';
import { mountApiDocs } from '../../http/api-docs.ts';
import { HttpServer } from '../../http/http-server.ts';
import { admission, requestLimitsOf } from '../../http/request-limits-of.ts';
import { ServerAddress } from '../../http/server-address.ts';
import type { httpSettings, limitSettings } from '../../http/settings.ts';
import { tokenAuthenticator } from '../../http/tokens.ts';
import { modelStatesOf, readByAny } from '../model-states.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';
import { type RoutesConfig, routesOf } from '../routes.ts';
import { VERSION } from '../version.ts';

type HttpConfig = ValuesOf<typeof dataFolderSettings & typeof httpSettings & typeof limitSettings> & RoutesConfig;

const { store, clock, logger, metrics, runs, rules, pool, watch, models, gateway, sandbox, address } = PARTS;
const { formSandbox, formMerchant } = PARTS;
const { orderProcess, readiness, numbering, reservations, reconciliations, projectionRunners: runners } = PARTS;

export const httpModule = (config: HttpConfig): PartModule => ({
  declare: (provide) => {
    provide(address, {}, () => new ServerAddress(config.host, config.port));
    provide(
      PARTS.http,
      {
        store,
        clock,
        logger,
        metrics,
        runs,
        openings: PARTS.openings,
        rules,
        pool,
        watch,
        models,
        stations: PARTS.stations,
        gateway,
        sandbox,
        formSandbox,
        formMerchant,
        orderProcess,
        numbering,
        reservations,
        queues: PARTS.queues,
        queueProcess: PARTS.queueProcess,
        reconciliations,
        replays: PARTS.replays,
        readiness,
        runners,
        address,
        isBusy: PARTS.isBusy,
      },
      async ({ sandbox, formSandbox, address, runners, isBusy, ...parts }) => {
        const { store, clock, logger, metrics, watch, queues, reconciliations } = parts;
        const modelStates = () => modelStatesOf(runners, store);
        const giveWay = givingWay(clock, isBusy, () => setImmediate());
        const routes = routesOf({ ...parts, modelStates, readBy: readByAny(runners), giveWay }, config);
        const limits = requestLimitsOf(config, clock);
        const mounts = [mountApiDocs(openApiDocument(routes, VERSION))];
        mounts.push((app) => formSandbox.mount(app));
        if (config.gatewayUrl === '') mounts.push((app) => sandbox.mount(app));
        const app = createApp({
          routes,
          authenticate: tokenAuthenticator(config.authSecret, clock),
          nameRequest: (named) => nameRequest({ store, clock, idempotencyDays: config.idempotencyDays }, named),
          limits,
          logger,
          bodyLimitBytes: config.bodyLimitBytes,
          observe: (operation, method, status, seconds) => metrics.observe(operation, method, status, seconds),
          mounts,
        });
        const { host, port, shutdownSeconds } = config;
        const stopping = {
          beforeClosing: async () => void (await Promise.all([sandbox.hold(), formSandbox.hold()])),
          answerWaiting: async () => {
            queues.end();
            await Promise.all([watch.stop(), reconciliations.stop()]);
          },
        };
        const observeBroken = (status: number) => metrics.observe('none', 'none', status, 0);
        const lines = { queuedOfAddress: config.addressQueueLimit, queuedInAll: config.requestQueueLimit };
        const entering = { app, lines, admit: admission(config, routes, limits) };
        const server = await HttpServer.listen({
          ...entering,
          host,
          port,
          shutdownSeconds,
          ...stopping,
          observeBroken,
        });
        address.listensOn(server.port);
        if (ownerOf(config.data)?.pid === process.pid)
          writeOwner(config.data, { pid: process.pid, url: address.public });
        return server;
      },
      { close: (server) => server.close() },
    );
  },
  roots: [PARTS.http],
});
