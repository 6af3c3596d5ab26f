import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EsdbTestServer } from '@railhead/infra/eventstore/esdb/test-server/esdb-test-server.ts';
import { FAULT_NAMES, type FaultName, faultSettings } from '@railhead/infra/eventstore/esdb/test-server/faults.ts';
import { SERVER_VERSIONS, type ServerVersion } from '@railhead/infra/eventstore/esdb/test-server/versions.ts';
import type { Command } from 'commander';
import { UsageError } from '../exit-codes.ts';
import { print, printJson } from '../output.ts';

type Options = {
  readonly port: string;
  readonly folder?: string;
  readonly maxAppendBytes?: string;
  readonly serverVersion: string;
  readonly fault: readonly string[];
  readonly controlPort?: string;
  readonly json?: boolean;
};

export const devEventStoreDbCommand = (command: Command): Command =>
  command
    .option('--port <n>', 'port on 127.0.0.1; 0 picks a free one', '2113')
    .option('--folder <path>', 'where its log is kept; without it in memory')
    .option('--max-append-bytes <n>', 'largest append it takes; the real default is 1048576')
    .option('--server-version <v>', `whose behaviour it follows: ${SERVER_VERSIONS.join(' or ')}`, '24.2')
    .option(
      '--fault <name=n>',
      `something to do wrong, may be repeated: ${FAULT_NAMES.join(', ')}`,
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option('--control-port <n>', 'PUT /faults {"name": n} on this port of 127.0.0.1 changes them while it runs')
    .option('--json', 'print one JSON object when ready')
    .action(serve);

const wholeOf = (name: string, text: string, most: number): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || value > most || text === '')
    throw new UsageError(`${name} must be a whole number up to ${most}, not ${text}`);
  return value;
};

const faultsOf = (given: readonly string[]): Partial<Record<FaultName, number>> => {
  const faults: Partial<Record<FaultName, number>> = {};
  for (const text of given) {
    const [name, value = '1'] = text.split('=');
    const known = FAULT_NAMES.find((candidate) => candidate === name);
    if (known === undefined) throw new UsageError(`there is no fault ${name}; there are ${FAULT_NAMES.join(', ')}`);
    faults[known] = wholeOf(`--fault ${known}`, value, 1_000_000);
  }
  return faults;
};

const versionOf = (text: string): ServerVersion => {
  const known = SERVER_VERSIONS.find((version) => version === text);
  if (known === undefined)
    throw new UsageError(`--server-version must be ${SERVER_VERSIONS.join(' or ')}, not ${text}`);
  return known;
};

const serve = async (options: Options): Promise<void> => {
  const server = await EsdbTestServer.start({
    port: wholeOf('--port', options.port, 65_535),
    version: versionOf(options.serverVersion),
    faults: faultsOf(options.fault),
    ...(options.folder === undefined ? {} : { folder: options.folder }),
    ...(options.maxAppendBytes === undefined
      ? {}
      : { maxAppendBytes: wholeOf('--max-append-bytes', options.maxAppendBytes, 16 * 1024 * 1024) }),
  });
  const control =
    options.controlPort === undefined
      ? undefined
      : await controlOf(server, wholeOf('--control-port', options.controlPort, 65_535));
  const controlPort = control === undefined ? undefined : (control.address() as AddressInfo).port;
  if (options.json === true)
    printJson({ url: server.connectionString, port: server.port, controlPort, pid: process.pid });
  else {
    print(`a stand-in for EventStoreDB serves ${server.connectionString}   log: ${options.folder ?? 'in memory'}`);
    if (controlPort !== undefined) print(`faults: PUT http://127.0.0.1:${controlPort}/faults`);
    print(`use it: RAILHEAD_ESDB_URL='${server.connectionString}' make run`);
  }
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  control?.close();
  control?.closeAllConnections();
  await server.stop();
};

const MAX_BODY_BYTES = 4_096;

/** `PUT /faults` with a JSON object sets faults, `DELETE /faults` clears them. */
const controlOf = async (server: EsdbTestServer, port: number): Promise<Server> => {
  const http = createServer((request, response) => {
    const end = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url !== '/faults') return end(404, { code: 'NOT_FOUND' });
    if (request.method === 'DELETE') {
      server.faults.clear();
      return end(200, {});
    }
    if (request.method !== 'PUT') return end(405, { code: 'METHOD_NOT_ALLOWED' });
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
      if (body.length > MAX_BODY_BYTES) request.destroy();
    });
    request.on('end', () => {
      try {
        server.faults.set(faultSettings.partial().strict().parse(JSON.parse(body)));
        end(200, {});
      } catch (error) {
        end(400, { code: 'BAD_FAULTS', detail: error instanceof Error ? error.message : String(error) });
      }
    });
  });
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  return http;
};
