// `railhead demo sale-opening`: a server of its own, one train that everybody wants, and a crowd. What happens is shown as a
// line a second; at the end the log is verified.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval as every, setTimeout as pause } from 'node:timers/promises';
import { type AuditReport, LogAudit } from '@railhead/commands/audit/log-audit.ts';
import { datesOnSale } from '@railhead/commands/runs/sale-window.ts';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import { RailheadServer } from '@railhead/infra/composition/server.ts';
import { signToken } from '@railhead/infra/http/tokens.ts';
import { openTimetable } from '@railhead/infra/timetable/open-source.ts';
import type { Command } from 'commander';
import { EXIT, UsageError } from '../exit-codes.ts';
import { readyConfigOf } from '../options.ts';
import { print, printJson } from '../output.ts';
import { FIRST_STOP, HOT_TRAIN, LAST_STOP, MOST_SEATS, seatsInRows, writeHotTrain } from './demo/hot-train.ts';
import { type Stage, Traveller } from './demo/traveller.ts';

type DemoOptions = {
  readonly people: string;
  readonly seats: string;
  readonly opensIn: string;
  readonly lasts: string;
  readonly json?: boolean;
};

export const demoCommand = (command: Command): Command => {
  command
    .command('sale-opening')
    .description('the sale of a train opens: waiting room, queue, sell-out, waitlist, and refunds that serve it')
    .option('--people <n>', 'how many want to go', '200')
    .option('--seats <n>', `how many can, 5 to ${MOST_SEATS}, in rows of five`, '50')
    .option('--opens-in <seconds>', 'when the sale opens', '10')
    .option('--lasts <seconds>', 'so long after that whoever still waits gives up', '45')
    .option('--json', 'print the end as one JSON object, and nothing on the way')
    .action(async (options: DemoOptions) => saleOpening(options));
  return command;
};

/** A whole number within these bounds. Throws `UsageError`. */
const whole = (name: string, text: string, least: number, most: number): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}`);
  return value;
};

const saleOpening = async (options: DemoOptions): Promise<void> => {
  const people = whole('people', options.people, 1, 5_000);
  const seats = seatsInRows(whole('seats', options.seats, 5, MOST_SEATS));
  const opensInMs = whole('opens-in', options.opensIn, 1, 600) * 1_000;
  const lastsMs = whole('lasts', options.lasts, 1, 3_600) * 1_000;
  const isQuiet = options.json === true;
  const folder = mkdtempSync(join(tmpdir(), 'railhead-demo-'));
  const data = join(folder, 'data');
  const config = readyConfigOf({
    ...{ data, port: '0', logLevel: 'error', reconcileEveryMinutes: '0', ...writeHotTrain(folder, seats) },
    // A crowd of one address, and a queue that one can watch.
    ...{ addressRequestsPerSecond: '0', accountWritesPerSecond: '0', queueFirst: '20', queueLeastPerSecond: '10' },
  });
  const server = await RailheadServer.start(config);
  try {
    await server.importTimetable(openTimetable(config.timetable), () => {});
    await server.openSale();
    const date = datesOnSale(server.container.get(PARTS.clock), { days: config.saleDays })[2] ?? '';
    const tokenOf = (user: string): Promise<string> => signToken(config.authSecret, user, 'user', config.tokenHours);
    const opensAtMs = Date.now() + opensInMs;
    await opens(server.url, await signToken(config.authSecret, 'demo', 'operator', 1), date, opensAtMs);
    if (!isQuiet) {
      print(
        `${people} people want ${seats} seats of ${HOT_TRAIN} on ${date}. The sale opens in ${opensInMs / 1_000} s.`,
      );
      print(`The server is ${server.url}, its data ${data}`);
    }
    const isOver = (): boolean => Date.now() > opensAtMs + lastsMs;
    const deps = { url: server.url, date, tokenOf, random: Math.random, isOver };
    const crowd = Array.from({ length: people }, (_, n) => new Traveller(deps, n + 1));
    const board = new AbortController();
    const shown = isQuiet ? Promise.resolve() : show(server.url, date, crowd, board.signal);
    // Most come before the sale opens; some are late.
    const comes = (): number =>
      Math.random() < 0.8 ? Math.random() * opensInMs * 0.9 : opensInMs + Math.random() * 5_000;
    const lives = await Promise.allSettled(crowd.map((one) => one.live(comes())));
    board.abort();
    await shown;
    await summary(server, crowd, lives, { date, data, isQuiet });
  } finally {
    await server.stop();
  }
};

const opens = async (url: string, token: string, date: string, atMs: number): Promise<void> => {
  const body = { runs: [{ train: HOT_TRAIN, date, opensAt: new Date(atMs).toISOString() }], days: [], stations: [] };
  const answer = await fetch(`${url}/v1/admin/config/saleOpenings`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the opening was refused: ${await answer.text()}`);
};

const countsOf = (crowd: readonly Traveller[]): Readonly<Record<Stage, number>> => {
  const counts: Record<Stage, number> = {
    ...{ coming: 0, inRoom: 0, inQueue: 0, ordering: 0, paying: 0, waiting: 0, ticket: 0, ticketByWaiting: 0 },
    ...{ gaveBack: 0, cancelled: 0, leftWithout: 0 },
  };
  for (const { stage } of crowd) counts[stage] += 1;
  return counts;
};

const LOOK_EVERY_MS = 500;
const COLUMNS = ' room queue | ordering paying | free held sold | waiting served | tickets back left';

/** A line a second, until it is told to end. */
const show = async (url: string, date: string, crowd: readonly Traveller[], signal: AbortSignal): Promise<void> => {
  print(COLUMNS);
  const path = `${url}/v1/trains/${HOT_TRAIN}/runs/${date}/availability?from=${FIRST_STOP}&to=${LAST_STOP}`;
  try {
    for await (const _ of every(1_000, undefined, { signal })) {
      const { classes = [] } = (await (await fetch(path)).json()) as {
        readonly classes?: readonly { readonly available: number; readonly held: number; readonly sold: number }[];
      };
      const [stock] = classes;
      const on = countsOf(crowd);
      const cells: readonly (readonly [number, number] | string)[] = [
        ...([[on.inRoom + on.coming, 5], [on.inQueue, 6], '|', [on.ordering, 9], [on.paying, 7], '|'] as const),
        ...([[stock?.available ?? 0, 5], [stock?.held ?? 0, 5], [stock?.sold ?? 0, 5], '|'] as const),
        ...([
          [on.waiting, 8],
          [on.ticketByWaiting, 7],
          '|',
          [on.ticket, 8],
          [on.gaveBack, 5],
          [on.leftWithout, 5],
        ] as const),
      ];
      print(cells.map((cell) => (typeof cell === 'string' ? ' |' : String(cell[0]).padStart(cell[1]))).join(''));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};

const summary = async (
  server: RailheadServer,
  crowd: readonly Traveller[],
  lives: readonly PromiseSettledResult<void>[],
  { date, data, isQuiet }: { readonly date: string; readonly data: string; readonly isQuiet: boolean },
): Promise<void> => {
  const { violations, events, money } = await settledReport(server);
  const failed = lives.flatMap((life) => (life.status === 'rejected' ? [String(life.reason)] : []));
  const counts = countsOf(crowd);
  if (violations.length > 0 || failed.length > 0) process.exitCode = EXIT.finding;
  if (isQuiet) {
    printJson({ people: crowd.length, ...counts, withoutAnswer: failed, events, money, violations });
    return;
  }
  const { ticket, ticketByWaiting, gaveBack, cancelled, leftWithout } = counts;
  print('');
  print(
    `tickets ${ticket + ticketByWaiting} (${ticketByWaiting} of them by waiting), given back ${gaveBack}, cancelled ${cancelled}, without ${leftWithout}`,
  );
  for (const why of failed.slice(0, 3)) print(`without an answer: ${why}`);
  print(
    `${events} events; ${violations.length === 0 ? 'clean: no seat twice, every lock whole, all money accounted for' : `NOT clean: ${violations[0]?.detail}`}`,
  );
  print('');
  print('The log is still there. Prove the order of the queue, or read it:');
  print(`  npx railhead queue prove ${HOT_TRAIN} ${date} --data ${data}`);
  print(`  npx railhead verify --data ${data}`);
  print(`  npx railhead events seatLock-${HOT_TRAIN}_${date}_second --data ${data}`);
};

const SETTLES_WITHIN_MS = 20_000;

/** What the log says once the money of those who gave up or gave back is where it belongs. */
const settledReport = async (server: RailheadServer): Promise<AuditReport> => {
  const store = server.container.get(PARTS.store);
  for (const until = Date.now() + SETTLES_WITHIN_MS; ; ) {
    const audit = new LogAudit();
    for (let after = 0; ; ) {
      const { events, position, caughtUp } = await store.readAll({ after, limit: 5_000 });
      for (const event of events) audit.add(event);
      if (caughtUp) break;
      after = position;
    }
    const report = audit.report();
    if (report.money.inFlightFen === 0 || Date.now() > until) return report;
    await pause(LOOK_EVERY_MS);
  }
};
