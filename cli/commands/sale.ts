// `railhead sale list|opens|forget`: when sales open. The process that serves is asked, in the name of an operator.
import { saleOpeningsBody, saleOpeningsShape } from '@railhead/http/sale-openings-shapes.ts';
import type { Command } from 'commander';
import { z } from 'zod';
import { type AskingOptions, asking, askingPart } from '../ask-server.ts';
import { RefusedByServer, UsageError } from '../exit-codes.ts';
import { print, printJson } from '../output.ts';

type Openings = z.output<typeof saleOpeningsShape>;
type Which = AskingOptions & { readonly run?: string; readonly day?: string; readonly station?: string };
type Opens = Which & { readonly at: string; readonly daysBefore?: string; readonly allowUnknown?: boolean };

const PATH = '/v1/admin/config/saleOpenings';
/** Another operator may change them meanwhile; then they are read again. */
const MAX_ATTEMPTS = 5;

export const saleCommand = (command: Command): Command => {
  const part = (name: string, about: string): Command =>
    askingPart(command, name, about, 'print as JSON, as the API has it');
  const which = (named: Command): Command =>
    named
      .option('--run <train_date>', 'one run, such as G1_2026-12-01')
      .option('--day <date>', 'all runs of a date')
      .option('--station <code>', 'journeys from a station');
  part('list', 'what was said; what is not named is sold as soon as its date is').action(list);
  which(part('opens', 'say when the sale of a run, a day or a station opens'))
    .requiredOption('--at <moment>', 'an instant, 2026-12-01T08:00:00+08:00; of a station a time of the clock, 08:00')
    .option('--days-before <n>', 'of a station: so many days before the run date; else when it enters the sale window')
    .option('--allow-unknown', 'also of a train or a station that the timetable does not have yet')
    .action(opens);
  which(part('forget', 'take back what was said of a run, a day or a station')).action(forget);
  return command;
};

const list = async (options: AskingOptions): Promise<void> =>
  show(options, saleOpeningsShape.parse((await (await asking(options))('GET', PATH)).answer));

const opens = async (options: Opens): Promise<void> => {
  const added = openingOf(options);
  const saying = change(options, (before) => {
    const others = without(before, options);
    return {
      runs: [...others.runs, ...(added.runs ?? [])],
      days: [...others.days, ...(added.days ?? [])],
      stations: [...others.stations, ...(added.stations ?? [])],
      ...(options.allowUnknown === true ? { allowUnknown: true } : {}),
    };
  });
  await saying.catch((error: unknown) => {
    if (!(error instanceof RefusedByServer) || error.code !== 'NOT_IN_TIMETABLE') throw error;
    throw new RefusedByServer(error.code, `${error.message}; --allow-unknown says it all the same`);
  });
};

const forget = async (options: Which): Promise<void> => {
  named(options);
  await change(options, (before) => {
    const after = without(before, options);
    const isSame = sayings(after) === sayings(before);
    if (isSame) throw new UsageError(`nothing was said of ${options.run ?? options.day ?? options.station}`);
    return after;
  });
};

const sayings = ({ runs, days, stations }: Said): number => runs.length + days.length + stations.length;

const named = ({ run, day, station }: Which): void => {
  if ([run, day, station].filter((one) => one !== undefined).length !== 1)
    throw new UsageError('name one of --run, --day and --station');
};

const openingOf = (options: Opens): Partial<Omit<z.output<typeof saleOpeningsBody>, 'allowUnknown'>> => {
  named(options);
  const { run, day, station, at, daysBefore } = options;
  const [train, date] = run?.split('_') ?? [];
  if (daysBefore !== undefined && station === undefined) throw new UsageError('--days-before goes with --station');
  const before = daysBefore === undefined ? {} : { daysBefore: Number(daysBefore) };
  const body = {
    ...(run === undefined ? {} : { runs: [{ train, date, opensAt: at }] }),
    ...(day === undefined ? {} : { days: [{ date: day, opensAt: at }] }),
    ...(station === undefined ? {} : { stations: [{ station, opens: at, ...before }] }),
  };
  const parsed = saleOpeningsBody.safeParse(body);
  if (!parsed.success) throw new UsageError(wrongIn(parsed.error));
  return parsed.data;
};

/** What the options take, by the last part of the place where something is wrong. */
const TAKES: Readonly<Record<string, string>> = {
  opensAt: '--at takes an instant with its zone, such as 2026-12-01T08:00:00+08:00',
  opens: '--at takes for a station a time of the clock, such as 08:00',
  train: '--run takes a train and its run date, such as G1_2026-12-01',
  date: '--run and --day take a run date, such as G1_2026-12-01 and 2026-12-01',
  station: '--station takes the code of a station, such as VNP',
  daysBefore: '--days-before takes a whole number of days, within the sale window',
};

const wrongIn = (error: z.ZodError): string => TAKES[String(error.issues[0]?.path.at(-1))] ?? z.prettifyError(error);

type Said = Pick<Openings, 'runs' | 'days' | 'stations'>;

const without = ({ runs, days, stations }: Said, { run, day, station }: Which): Said => ({
  runs: runs.filter((one) => `${one.train}_${one.date}` !== run),
  days: days.filter((one) => one.date !== day),
  stations: stations.filter((one) => one.station !== station),
});

const change = async (options: AskingOptions, to: (before: Said) => object): Promise<void> => {
  const ask = await asking(options);
  for (let attempt = 1; ; attempt += 1) {
    const before = saleOpeningsShape.parse((await ask('GET', PATH)).answer);
    try {
      const { answer } = await ask('PUT', PATH, to(before), { 'If-Match': `"${before.version}"` });
      return show(options, saleOpeningsShape.parse(answer));
    } catch (error) {
      const isOutdated = error instanceof RefusedByServer && error.code === 'PRECONDITION_FAILED';
      if (!isOutdated || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
};

const show = ({ json }: AskingOptions, openings: Openings): void => {
  if (json === true) {
    printJson(openings);
    return;
  }
  const { runs, days, stations, unknown } = openings;
  for (const { train, date, opensAt } of runs) print(`run      ${train}_${date}  ${opensAt}`);
  for (const { date, opensAt } of days) print(`day      ${date}  ${opensAt}`);
  for (const { station, opens: at, daysBefore } of stations)
    print(`station  ${station}  ${at}, ${daysBefore} days before`);
  for (const train of unknown.trains)
    print(`unknown  train ${train}: the timetable does not have it, nothing opens by this`);
  for (const station of unknown.stations)
    print(`unknown  station ${station}: the timetable does not have it, nothing opens by this`);
  if (runs.length + days.length + stations.length === 0) print('everything is sold as soon as its date is');
};
