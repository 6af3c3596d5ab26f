// `railhead replay list|plan|run|…`: builds read models again beside those that are read. The process that serves does it;
// these commands tell it what to do, and show how far it is.
import { setTimeout as waitMs } from 'node:timers/promises';
import {
  planShape,
  type ReplayedState,
  replayedShape,
  type VerificationReport,
  verificationShape,
  verifyingShape,
} from '@railhead/http/replay-shapes.ts';
import type { Command } from 'commander';
import { z } from 'zod';
import { type AskServer, asking, askingPart, type AskingOptions as Options } from '../../ask-server.ts';
import { EXIT, RefusedByServer, UsageError } from '../../exit-codes.ts';
import { Progress, print, printJson } from '../../output.ts';

type RunOptions = Options & {
  readonly throttle?: string;
  readonly from?: string;
  readonly until?: string;
  readonly streams?: string;
  readonly detach?: boolean;
  readonly workers?: string;
};

const LOOKS_EVERY_MS = 500;

const MOMENTS_HELP = `
Moments: a position of the log, or a time: 2026-12-01T09:00:00+08:00, or by the railway's clock 2026-12-01T09:00.`;

export const addModels = (command: Command): void => {
  const part = (name: string, about: string): Command =>
    askingPart(command, name, about, 'print as JSON, as the API has it');
  part('list', 'the read models: which generation is read, how far it is, and what is built beside it').action(list);
  part('plan', 'what a replay would read and write; exit code 1 if it cannot be done')
    .argument('<model>')
    .option('--workers <n>', 'as so many workers would build it')
    .action(plan);
  part('run', 'build a model again beside the one that is read, and show how far it is')
    .argument('<model>')
    .option('--throttle <n>', 'so many events a second at most')
    .option('--from <moment>', 'only what the log has from then on: to look at, not to take over')
    .option('--until <moment>', 'only what it had until then')
    .option('--streams <categories>', 'only these categories of streams, with commas between')
    .option('--workers <n>', 'so many threads build it, where its rows can be divided among them')
    .option('--detach', 'do not wait for it')
    .addHelpText('after', MOMENTS_HELP)
    .action(run);
  part('follow', 'show how far a replay is that was begun before').argument('<model>').action(follow);
  for (const [name, about] of Object.entries(SIMPLE))
    part(name, about)
      .argument('<model>')
      .action((model: string, options: Options) => tell(options, model, name));
  part('throttle', 'so many events a second at most; 0: as fast as it goes')
    .argument('<model>')
    .argument('<n>')
    .action((model: string, limit: string, options: Options) =>
      tell(options, model, 'throttle', { eventsPerSecond: numberIn('the limit', limit) }),
    );
  part('verify', 'compare what was built with the log, and with what is read; exit code 1 if anything differs')
    .argument('<model>')
    .option('--sample <n>', 'so many rows, and only with what is read')
    .action(verify);
  part('swap', 'read what was built, and keep what was read before')
    .argument('<model>')
    .option('--unverified', 'although it was not compared with the log')
    .action((model: string, options: Options & { readonly unverified?: boolean }) =>
      tell(options, model, 'swap', options.unverified === true ? { unverified: true } : {}),
    );
};

const SIMPLE = {
  pause: 'let a replay stand still',
  resume: 'let it go on',
  cancel: 'end it, and throw away what it has built',
  rollback: 'read again what was read before the swap',
  drop: 'throw away the generation that is not read',
} as const;

const numberIn = (what: string, text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${what} must be a whole number, not ${text}`);
  return Number(text);
};

const askingOfReplays = async (options: Options): Promise<AskServer> => {
  const ask = await asking(options);
  return (method, path, body) => ask(method, `/v1/admin/replays${path}`, body);
};

const pathOf = (model: string, what: string): string => `/${encodeURIComponent(model)}/${what}`;

const listed = z.object({ models: z.array(replayedShape) });

const statesOf = async (ask: AskServer, sizes = false): Promise<readonly ReplayedState[]> =>
  listed.parse((await ask('GET', sizes ? '?sizes=true' : '')).answer).models;

const list = async (options: Options): Promise<void> => {
  const models = await statesOf(await askingOfReplays(options), true);
  if (options.json === true) printJson({ models });
  else for (const model of models) show(model);
};

const show = ({ model, store, schemaVersion, serving, movesTo, lastRebuild, beside }: ReplayedState): void => {
  const version = schemaVersion === undefined ? '' : `, tables of version ${schemaVersion}`;
  print(`${model.padEnd(14)} ${store}${version}${lastRebuild === undefined ? '' : `, rebuilt ${lastRebuild}`}`);
  print(`  read    ${placeOf(serving)}${movesTo === undefined ? '' : `, moves to generation ${movesTo}`}`);
  if (beside === undefined) return;
  print(`  ${beside.does === 'kept' ? 'kept   ' : 'replay '} ${placeOf(beside)}`);
  if (beside.does !== 'kept') print(`          ${progressOf(beside)}`);
  const { verified, verifying } = beside;
  if (verifying !== undefined) print(`          being compared since ${verifying.startedAt}`);
  if (verified !== undefined) {
    const log = verified.unlikeLog === undefined ? 'not compared with the log' : `${verified.unlikeLog} unlike the log`;
    print(
      `          verified at ${verified.position}: ${verified.rows} rows, ${log}, ${verified.unlikeServing} unlike what is read`,
    );
  }
};

const placeOf = ({
  generation,
  state,
  position,
  lagEvents = 0,
  lagSeconds = 0,
  failure,
  setAside,
  rows,
  bytes,
}: ReplayedState['serving']): string => {
  const lag = lagEvents === 0 ? '' : `, ${lagEvents} events and ${lagSeconds.toFixed(1)} s behind`;
  const size =
    rows === undefined
      ? ''
      : `, ${rows} rows${bytes === undefined ? '' : ` in ${(bytes / 1024 / 1024).toFixed(1)} MiB`}`;
  const aside = setAside === 0 ? '' : `, ${setAside} streams set aside`;
  return `generation ${generation}, ${state} at ${position}${lag}${size}${aside}${failure === undefined ? '' : `: ${failure}`}`;
};

const progressOf = ({
  does,
  percent,
  eventsPerSecond,
  limit,
  secondsLeft,
  part,
  workers,
}: NonNullable<ReplayedState['beside']>): string => {
  const bound = limit === 0 ? '' : `, ${limit} at most`;
  const left = secondsLeft === undefined ? '' : `, ${secondsLeft} s left`;
  const only = Object.keys(part).length === 0 ? '' : `, only ${JSON.stringify(part)}`;
  const crew = workers === 1 ? '' : ` by ${workers} workers`;
  return `${does} ${percent} %${crew}, ${eventsPerSecond} events/s${bound}${left}${only}`;
};

const plan = async (model: string, options: Options & { readonly workers?: string }): Promise<void> => {
  const { workers: wanted } = options;
  const query = wanted === undefined ? '' : `?workers=${numberIn('--workers', wanted)}`;
  const planned = planShape.parse(
    (await (await askingOfReplays(options))('GET', `${pathOf(model, 'plan')}${query}`)).answer,
  );
  if (options.json === true) printJson(planned);
  else {
    const { generation, store, events, categories, bytes, bytesFree, seconds, eventsPerSecond, workers, refusals } =
      planned;
    print(`${model}: generation ${generation}, into ${store}`);
    print(
      `reads   ${events} positions of the log, ${categories === undefined ? 'all streams' : `streams ${categories.join(', ')}`}`,
    );
    const free = bytesFree === undefined ? '' : `, ${(bytesFree / 1024 / 1024).toFixed(0)} MiB are free`;
    print(
      `writes  ${bytes === undefined ? 'as much as is there' : `about ${(bytes / 1024 / 1024).toFixed(1)} MiB`}${free}`,
    );
    print(
      seconds === undefined ? 'takes   not measured yet' : `takes   about ${seconds} s at ${eventsPerSecond} events/s`,
    );
    print(`workers ${workers.possible ? 'several can build it' : `one: ${workers.why}`}`);
    for (const { code, detail } of refusals) print(`cannot be done: ${detail} [${code}]`);
  }
  if (planned.refusals.length > 0) process.exitCode = EXIT.finding;
};

const run = async (model: string, options: RunOptions): Promise<void> => {
  const ask = await askingOfReplays(options);
  const { throttle, from, until, streams, workers } = options;
  const body = {
    model,
    ...(throttle === undefined ? {} : { eventsPerSecond: numberIn('--throttle', throttle) }),
    ...(workers === undefined ? {} : { workers: numberIn('--workers', workers) }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(streams === undefined ? {} : { streams: streams.split(',').map((one) => one.trim()) }),
  };
  const begun = replayedShape.parse((await ask('POST', '', body)).answer);
  if (options.detach === true) return printed(options, begun);
  printed(options, await finished(ask, model, options));
};

const follow = async (model: string, options: Options): Promise<void> =>
  printed(options, await finished(await askingOfReplays(options), model, options));

/** Shows how far it is until it is whole, stands still, or is gone. */
const finished = async (ask: AskServer, model: string, { json = false }: Options): Promise<ReplayedState> => {
  const progress = new Progress(`Replay of ${model}`, { quiet: json });
  for (let generation: number | undefined; ; ) {
    const state = (await statesOf(ask)).find((one) => one.model === model);
    if (state === undefined) throw new RefusedByServer('READ_MODEL_UNKNOWN', `there is no read model ${model}`);
    const { beside } = state;
    if (beside === undefined || (generation !== undefined && beside.generation !== generation))
      throw new RefusedByServer(
        'NO_REPLAY',
        `nothing is built beside read model ${model}${generation === undefined ? '' : ' any more'}`,
      );
    generation = beside.generation;
    progress.update(Math.round(beside.percent * 10), 1_000);
    const isOver =
      beside.does !== 'building' ||
      beside.state === 'failed' ||
      (beside.percent === 100 && Object.keys(beside.part).length > 0);
    if (isOver) {
      progress.end(`${beside.does}, at position ${beside.position}`);
      if (beside.state === 'failed') process.exitCode = EXIT.finding;
      return state;
    }
    await waitMs(LOOKS_EVERY_MS);
  }
};

const tell = async (options: Options, model: string, what: string, body: object = {}): Promise<void> => {
  const sent = what === 'swap' || what === 'throttle' ? body : undefined;
  printed(
    options,
    replayedShape.parse((await (await askingOfReplays(options))('POST', pathOf(model, what), sent)).answer),
  );
};

const printed = ({ json }: Options, state: ReplayedState): void => {
  if (json === true) printJson(state);
  else show(state);
};

const verify = async (model: string, options: Options & { readonly sample?: string }): Promise<void> => {
  const ask = await askingOfReplays(options);
  const body = options.sample === undefined ? {} : { sample: numberIn('--sample', options.sample) };
  const { status, answer } = await ask('POST', pathOf(model, 'verify'), body);
  const report = status === 202 ? await reportOf(ask, verifyingShape.parse(answer)) : verificationShape.parse(answer);
  // Before it is printed: whoever reads it may close the pipe.
  if ((report.unlikeLog ?? 0) + report.unlikeServing > 0) process.exitCode = EXIT.finding;
  if (options.json === true) printJson(report);
  else showReport(report);
};

const reportOf = async (
  ask: AskServer,
  { model, generation }: z.output<typeof verifyingShape>,
): Promise<VerificationReport> => {
  for (;;) {
    const beside = (await statesOf(ask)).find((one) => one.model === model)?.beside;
    if (beside?.generation !== generation) throw new UsageError(`generation ${generation} of ${model} is gone`);
    if (beside.verifying === undefined) {
      if (beside.verification !== undefined) return beside.verification;
      throw new RefusedByServer(
        'UNAVAILABLE',
        `generation ${generation} of ${model} could not be compared; the log of the process says why`,
      );
    }
    await waitMs(LOOKS_EVERY_MS);
  }
};

const showReport = ({
  generation,
  position,
  rows,
  checksum,
  log,
  unlikeLog,
  unlikeServing,
  comparedAt,
  differences,
}: VerificationReport): void => {
  print(`generation ${generation} at position ${position}: ${rows} rows, checksum ${checksum}`);
  if (log !== undefined)
    print(`the log has               ${log.rows} rows, checksum ${log.checksum}: ${unlikeLog} rows differ`);
  print(`what is read, at ${comparedAt.from} to ${comparedAt.to}: ${unlikeServing} rows differ`);
  for (const { key, than, position: at, rebuilt, other, events } of differences) {
    print(`unlike ${than === 'log' ? 'the log' : 'what is read'} at ${at}: ${key}`);
    print(`  built  ${rebuilt ?? 'none'}`);
    print(`  ${than === 'log' ? 'log  ' : 'read '}  ${other ?? 'none'}`);
    for (const event of events) print(`    ${event.position}  ${event.stream}  ${event.type}`);
  }
};
