import { datesOnSale } from '@railhead/commands/runs/sale-window.ts';
import { readTimetable } from '@railhead/commands/timetable/read-timetable.ts';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import { RailheadServer } from '@railhead/infra/composition/server.ts';
import type { Config } from '@railhead/infra/config/settings.ts';
import { signToken } from '@railhead/infra/http/tokens.ts';
import { openTimetable } from '@railhead/infra/timetable/open-source.ts';
import type { Command } from 'commander';
import { type ConfigOptions, readyConfigOf, withSettings } from '../options.ts';
import { Progress, print, printJson } from '../output.ts';
import { shoppingExample } from './shopping-example.ts';

type UpOptions = ConfigOptions & { readonly json?: boolean };

export const upCommand = (command: Command): Command =>
  withSettings(command, [
    'data',
    'port',
    'host',
    'timetable',
    'saleDays',
    'paymentMinutes',
    'assignMinutes',
    'store',
    'esdbUrl',
    'esdbShards',
    'readSql',
    'readSqlShards',
    'readSqlReplica',
    'readCache',
    'readSearch',
    'rollingStock',
    'quotas',
    'forecast',
    'maxLogBytes',
    'queueLimit',
    'logLevel',
  ])
    .option('--json', 'print one JSON object when ready')
    .action(async (options: UpOptions) => up(readyConfigOf(options), options.json === true));

const up = async (config: Config, json: boolean): Promise<void> => {
  const server = await RailheadServer.start(config);
  const stopped = stopOnSignal(server);
  try {
    // A server that is told to stop may never come so far.
    const isOpen = await Promise.race([openShop(server, config, json).then(() => true), stopped.then(() => false)]);
    if (!isOpen) return;
  } catch (error) {
    await server.stop();
    throw error;
  }
  if (json) printJson({ url: server.url, data: config.data, pid: process.pid });
  else {
    const { first, token } = await greeting(server, config);
    print(`Railhead serves ${server.url}   API reference: ${server.url}/docs   data: ${config.data}`);
    print('');
    print('Try it (in another shell):');
    print('');
    print(shoppingExample(server.url, token, first));
  }
  await stopped;
};

/** Imports a timetable if the log has none or one was named, opens the sale, and waits for the read models. */
const openShop = async (server: RailheadServer, config: Config, quiet: boolean): Promise<void> => {
  const known = await readTimetable(server.container.get(PARTS.store));
  if (known.size === 0 || config.timetable !== '') {
    const importing = new Progress('Timetable', { quiet });
    const source = openTimetable(config.timetable);
    const report = await server.importTimetable(source, ({ done, total }) => importing.update(done, total));
    importing.end(`${report.trains} trains, ${report.stops} stops, ${report.skipped} rows skipped`);
  }
  const opening = new Progress('Sale', { quiet });
  const trains = Math.max(known.size, 1);
  const report = await server.openSale((done) => opening.update(done, trains * config.saleDays));
  opening.end(`${report.opened} runs opened, ${report.known} open before, for ${config.saleDays} days`);
  server.keepSaleOpen();
  const catchingUp = new Progress('Read models', { quiet });
  const stuck = await server.caughtUp();
  // The sale goes on without them.
  const told = stuck.map(({ name, why }) => `${name} has stopped: ${why}`);
  catchingUp.end(told.length === 0 ? 'up to date' : `${told.join('; ')} (see railhead read-models list)`);
};

/** A first train for the example: G1, or else the first one, on the third day of the sale; with a token. */
const greeting = async (server: RailheadServer, config: Config) => {
  const clock = server.container.get(PARTS.clock);
  const dates = datesOnSale(clock, { days: config.saleDays });
  const date = dates[Math.min(2, dates.length - 1)] ?? '';
  const trains = await readTimetable(server.container.get(PARTS.store));
  const train = trains.get('G1') ?? trains.values().next().value;
  const [from, to] = [train?.stops[0]?.code ?? '', train?.stops.at(-1)?.code ?? ''];
  const run = await server.container.get(PARTS.runs).find(train?.train ?? '', date);
  const seatClass = run?.composition.findLast((coach) => coach.seatClass !== 'standing')?.seatClass ?? 'second';
  // What is no terminal may be kept, and a token opens doors to whoever reads it.
  const token = process.stdout.isTTY
    ? await signToken(config.authSecret, 'alice', 'user', config.tokenHours)
    : `$(npx railhead token --user alice --data '${config.data.replaceAll("'", "'\\''")}')`;
  return { first: { train: train?.train ?? '', date, from, to, seatClass }, token };
};

/** Resolves when the server has stopped. A second signal ends the process at once. */
const stopOnSignal = (server: RailheadServer): Promise<void> =>
  new Promise((resolve, reject) => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) process.exit(130);
      stopping = true;
      server.stop().then(resolve, reject);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
