// `railhead queue prove|show|mode`: proves the order of a queue from the log, also while it is served; or asks the process
// that serves about a queue, or changes it, in the name of an operator.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { OpeningsTold, type ToldOpening } from '@railhead/commands/queue/openings-told.ts';
import { orderOfRoom, QueueProof } from '@railhead/commands/queue/queue-proof.ts';
import { foldStream } from '@railhead/commands/streams/load.ts';
import { queuePlaceCategory } from '@railhead/domain/queue-place/stream.ts';
import { waitingOf } from '@railhead/domain/run-queue/fold.ts';
import { runQueueCategory } from '@railhead/domain/run-queue/stream.ts';
import { SALE_OPENINGS, saleOpeningsCategory } from '@railhead/domain/sale-openings/stream.ts';
import { type RunId, runCategory, runName } from '@railhead/domain/train-run/stream.ts';
import { queueModeShape, runQueueShape } from '@railhead/http/run-queue-shapes.ts';
import { dateShape, trainShape } from '@railhead/http/shapes.ts';
import { openLog } from '@railhead/infra/composition/open-store.ts';
import type { Command } from 'commander';
import { type AskingOptions, asking, askingPart } from '../ask-server.ts';
import { EXIT, InputError, UsageError } from '../exit-codes.ts';
import { type ConfigOptions, configOf, LOG_SETTINGS, withSettings } from '../options.ts';
import { print, printJson } from '../output.ts';

type ProveOptions = ConfigOptions & { readonly json?: boolean; readonly order?: boolean };
type ModeOptions = AskingOptions & { readonly rate?: string };

const MODES = queueModeShape.options;

export const queueCommand = (command: Command): Command => {
  withSettings(
    command
      .command('prove')
      .description('compute from the log who was to be admitted when, and compare; exit code 1 if it was otherwise')
      .argument('<train>')
      .argument('<date>', 'the run date'),
    LOG_SETTINGS,
  )
    .option('--order', 'print the places of the waiting room in the order of the seed')
    .option('--json', 'print as JSON')
    .action(prove);
  const part = (name: string, about: string): Command =>
    askingPart(command, name, about, 'print as JSON, as the API has it');
  part('show', 'the queue of a run now').argument('<train>').argument('<date>').action(show);
  part('mode', 'open, begin, slow down or pause the queue of a run')
    .argument('<train>')
    .argument('<date>')
    .argument('<mode>', MODES.join(', '))
    .option('--rate <n>', 'so many a second at most')
    .action(setMode);
  return command;
};

const runOf = (train: string, date: string): RunId => {
  if (!trainShape.safeParse(train).success || !dateShape.safeParse(date).success)
    throw new UsageError(`${train} ${date} is not a run such as G1 2026-12-01`);
  return { train, date };
};

const prove = async (train: string, date: string, options: ProveOptions): Promise<void> => {
  const run = runOf(train, date);
  const proof = new QueueProof();
  const reader = await openLog(configOf(options).config);
  let events = 0;
  let told: OpeningsTold;
  try {
    const ofQueue: RecordedEvent[] = [];
    for await (const event of reader.stream(runQueueCategory.stream(run), { from: 0 })) {
      proof.add(event);
      if (ABOUT_OPENING.includes(event.type)) ofQueue.push(event);
      events += 1;
    }
    told = await openingsOf(reader, run, ofQueue);
    if (events === 0) throw new InputError('RUN_NOT_FOUND', `${train} has no queue on ${date}`);
    await addPlaces(reader, run, proof);
  } finally {
    await reader.close();
  }
  const findings = proof.end();
  // Before anything is printed: whoever reads it may close the pipe.
  if (findings.length > 0) process.exitCode = EXIT.finding;
  const { queue } = proof;
  const order = orderOfRoom(queue);
  const report = {
    run: runName(run),
    proved: findings.length === 0,
    events,
    joined: queue.users.length,
    admitted: queue.admitted,
    waiting: waitingOf(queue),
    used: proof.used,
    ...(queue.room === undefined
      ? {}
      : {
          waitingRoom: {
            opensAt: queue.room.opensAt,
            openings: told.openings,
            ...(told.revealed === undefined ? {} : { revealed: told.revealed }),
            commitment: queue.room.commitment,
            ...(queue.room.seed === undefined ? {} : { seed: queue.room.seed }),
            ...(order === undefined ? {} : { places: order.length }),
            ...(order === undefined || options.order !== true ? {} : { order }),
          },
        }),
    findings,
  };
  if (options.json === true) {
    printJson(report);
    return;
  }
  print(
    `${report.run}: ${report.joined} joined, ${report.admitted} admitted, ${report.waiting} wait, ${report.used} used`,
  );
  const { waitingRoom } = report;
  if (waitingRoom !== undefined) {
    print(`room      opens at ${waitingRoom.opensAt}, commitment ${waitingRoom.commitment}`);
    printOpenings(told);
    print(`seed      ${waitingRoom.seed ?? 'not revealed yet'}`);
    if (waitingRoom.order !== undefined) print(`order     ${waitingRoom.order.join(' ')}`);
  }
  for (const { code, detail } of findings) print(`VIOLATED ${code}: ${detail}`);
  print(
    report.proved
      ? 'yes: the order follows from the log, nobody was admitted twice or before those ahead'
      : `NO: ${findings.length} violations`,
  );
};

const ABOUT_OPENING: readonly string[] = ['WaitingRoomOpened', 'WaitingRoomShuffled'];

/** All that the log says about when the sale of the run opens, also where it was put off or brought forward. */
const openingsOf = async (reader: LogView, run: RunId, ofQueue: readonly RecordedEvent[]): Promise<OpeningsTold> => {
  const ofRun: RecordedEvent[] = [];
  for await (const event of reader.stream(runCategory.stream(run), { from: 0 })) ofRun.push(event);
  const { state } = foldStream(runCategory, ofRun);
  const all = [...ofQueue];
  for await (const event of reader.stream(saleOpeningsCategory.stream(SALE_OPENINGS), { from: 0 })) all.push(event);
  const told = new OpeningsTold(state.status === 'absent' ? undefined : state);
  for (const event of all.toSorted((a, b) => a.position - b.position)) told.add(event);
  return told;
};

const printOpenings = ({ openings, revealed }: OpeningsTold): void => {
  const isBefore = ({ position }: ToldOpening): boolean => revealed === undefined || position < revealed.position;
  const last = openings.findLast(isBefore);
  for (const opening of openings) {
    const { opensAt = 'at once', decidedAt, by } = opening;
    const meaning =
      opening === last ? `: ${revealed === undefined ? 'the last one' : 'the order was drawn for this one'}` : '';
    const late = isBefore(opening) ? '' : ', after the order was drawn';
    print(`opening   ${opensAt}, decided ${decidedAt} by ${by}${late}${meaning}`);
  }
  if (revealed !== undefined) print(`drawn     ${revealed.at}`);
};

/** Each place has a stream; of those that are in the queue some were used. */
type LogView = Awaited<ReturnType<typeof openLog>>;

const addPlaces = async (reader: LogView, run: RunId, proof: QueueProof): Promise<void> => {
  for (let place = 1; place <= proof.queue.users.length; place += 1)
    for await (const event of reader.stream(queuePlaceCategory.stream({ ...run, place }), { from: 0 }))
      proof.add(event);
};

const pathOf = ({ train, date }: RunId): string => `/v1/admin/runs/${train}/${date}/queue`;

const show = async (train: string, date: string, options: AskingOptions): Promise<void> => {
  const run = runOf(train, date);
  printed(options, (await (await asking(options))('GET', pathOf(run))).answer);
};

const setMode = async (train: string, date: string, mode: string, options: ModeOptions): Promise<void> => {
  const run = runOf(train, date);
  const wanted = MODES.find((one) => one === mode.toUpperCase());
  if (wanted === undefined) throw new UsageError(`${mode} is none of ${MODES.join(', ')}`);
  const rate = options.rate === undefined ? undefined : Number(options.rate);
  if (rate !== undefined && !(rate > 0)) throw new UsageError(`--rate must be a number above 0, not ${options.rate}`);
  const body = { mode: wanted, ...(rate === undefined ? {} : { ratePerSecond: rate }) };
  printed(options, (await (await asking(options))('POST', pathOf(run), body)).answer);
};

const printed = ({ json }: AskingOptions, answer: unknown): void => {
  const shown = runQueueShape.parse(answer);
  if (json === true) {
    printJson(shown);
    return;
  }
  const {
    train,
    date,
    mode,
    cause,
    ratePerSecond,
    joined,
    admitted,
    waiting,
    seatsLeft,
    opensAt,
    closed,
    waitingRoom,
  } = shown;
  const by = cause === undefined ? '' : `, by ${cause}`;
  const rate = ratePerSecond === undefined ? '' : `, ${ratePerSecond} a second at most`;
  print(`${train} ${date}: ${closed === undefined ? mode : `closed (${closed})`}${by}${rate}`);
  print(
    `${joined} joined, ${admitted} admitted, ${waiting} wait${seatsLeft === undefined ? '' : `, ${seatsLeft} seats left`}`,
  );
  if (opensAt !== undefined) print(`opens at ${opensAt}`);
  if (waitingRoom !== undefined)
    print(
      `waiting room of ${waitingRoom.opensAt}, ${waitingRoom.seed === undefined ? `commitment ${waitingRoom.commitment}` : `seed ${waitingRoom.seed}`}`,
    );
};
