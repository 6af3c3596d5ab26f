// A log on disk of as many events as wanted: orders, with their seats, until they have tickets or are expired. Nothing of
// it is kept in memory, so it may be larger than that.
import { mkdirSync } from 'node:fs';
import type { NewEvent, StreamAppend } from '@railhead/commands/ports/event-store.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { type ClassId, runCategory } from '@railhead/domain/train-run/stream.ts';
import { SqliteEventStore } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';
import { newEvent } from '../support/events.ts';
import { openedRun, stopsOf } from '../support/opened-run.ts';
import { livesOf } from '../support/order-life.ts';
import { acquired, confirmed, expired, held, releasedSeats } from '../support/seat-events.ts';

const [TRAINS, SEATS, STOPS] = [2_000, 600, 10];
const CLASSES = ['business', 'first', 'second'] as const;
const DATE = '2026-12-01';
/** Orders of which nobody knows yet whether they will be paid. */
const OPEN_AT_ONCE = 5_000;
/** One in so many is not paid. */
const EXPIRES = 5;
const [TICKETED, EXPIRED] = [4, 7];
const EVENTS_AT_ONCE = 4_000;

type Wanted = { readonly type: string; readonly version: number; readonly data: unknown };
type Written = { readonly stream: string; readonly events: readonly Wanted[] };

/** Writes at least so many events into a new folder; gives how many. */
export const writeLongLog = async (folder: string, events: number): Promise<number> => {
  mkdirSync(folder, { recursive: true });
  // What was written is not read again here.
  const store = await SqliteEventStore.open({ folder, limits: { tailEvents: 1 } });
  try {
    let [appends, waiting, written]: [StreamAppend[], number, number] = [[], 0, 0];
    for (const { stream, events: wanted } of storyOf()) {
      const news: readonly NewEvent[] = wanted.map(({ type, version, data }) => newEvent(data, type, version));
      appends.push({ stream, expected: 'any', events: news });
      waiting += news.length;
      if (waiting < EVENTS_AT_ONCE && written + waiting < events) continue;
      await store.append(appends);
      [appends, waiting, written] = [[], 0, written + waiting];
      if (written >= events) break;
    }
    return written;
  } finally {
    await store.close();
  }
};

/** Without end. Seats that were sold are sold again when all of their class are. */
function* storyOf(): Generator<Written> {
  const stops = stopsOf(...Array.from({ length: STOPS }, (_, seq) => `S${seq}`));
  for (let train = 0; train < TRAINS; train += 1) {
    const run = { train: `G${train}`, date: DATE };
    const data = openedRun({ ...run, stops, composition: [] });
    yield { stream: runCategory.stream(run), events: [{ type: 'TrainRunOpened', version: 2, data }] };
    for (const seatClass of CLASSES)
      for (let seq = 0; seq < STOPS - 1; seq += 1)
        yield {
          stream: segmentCategory.stream({ ...run, seatClass, seq }),
          events: [{ type: 'SegmentOpened', version: 1, data: { seats: SEATS } }],
        };
  }
  for (let n = 0; ; n += 1) {
    yield* requestOf(n);
    if (n >= OPEN_AT_ONCE) yield* endOf(n - OPEN_AT_ONCE);
  }
}

type Place = { readonly id: ClassId; readonly seat: number; readonly from: number; readonly to: number };

/** Every class is asked for in turn, and every seat of it. */
const placeOf = (n: number): Place => {
  const train = `G${n % TRAINS}`;
  const round = Math.floor(n / TRAINS);
  const seatClass = CLASSES[round % CLASSES.length] ?? 'second';
  const from = n % (STOPS - 4);
  return {
    id: { train, date: DATE, seatClass },
    seat: Math.floor(round / CLASSES.length) % SEATS,
    from,
    to: from + 1 + (n % 3),
  };
};

const isPaid = (n: number): boolean => n % EXPIRES !== 0;
const orderNoOf = (n: number): string => `B${n}`;
const FIRST_TWO = 2;

const lifeOf = (n: number) => livesOf(orderNoOf(n))[isPaid(n) ? TICKETED : EXPIRED] ?? [];

function* requestOf(n: number): Generator<Written> {
  const { id, seat, from, to } = placeOf(n);
  const orderNo = orderNoOf(n);
  const [request, seats] = lifeOf(n);
  const stream = orderCategory.stream(orderNo);
  if (request !== undefined) yield { stream, events: [request] };
  for (let seq = from; seq < to; seq += 1)
    yield { stream: segmentCategory.stream({ ...id, seq }), events: [held(orderNo, [seat])] };
  const plan = { orderNo, epoch: 1, legs: [{ from, to, seats: [seat] }] };
  yield { stream: lockBookCategory.stream(id), events: [acquired(orderNo, plan)] };
  if (seats !== undefined) yield { stream, events: [seats] };
}

function* endOf(n: number): Generator<Written> {
  const { id, seat, from, to } = placeOf(n);
  const orderNo = orderNoOf(n);
  const book = lockBookCategory.stream(id);
  yield { stream: orderCategory.stream(orderNo), events: lifeOf(n).slice(FIRST_TWO) };
  if (isPaid(n)) yield { stream: book, events: [confirmed(orderNo)] };
  else {
    for (let seq = from; seq < to; seq += 1)
      yield { stream: segmentCategory.stream({ ...id, seq }), events: [releasedSeats(orderNo, [seat])] };
    yield { stream: book, events: [expired(orderNo)] };
  }
}
