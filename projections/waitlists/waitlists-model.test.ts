// The lines of a run as the model shows them are what its requests say, in the order in which they are served; and each
// request is told the same place.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import type { WaitlistChoice, WaitlistEvent } from '@railhead/domain/waitlist/events.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import { testMeta } from '@railhead/tests/support/events.ts';
import { anyLog, readSideOf } from '@railhead/tests/support/read-side.ts';
import fc from 'fast-check';
import type { ReadDatabase } from '../engine/read-database.ts';
import { waitlistsModel } from './waitlists-model.ts';
import type { LinesCursor, PageOfLines, WaitlistsQueries } from './waitlists-queries.ts';

const DATE = '2026-12-01';
const UNTIL = '2026-11-30T08:00:00.000+08:00';
const NOW_MS = Date.parse('2026-11-25T08:00:00.000+08:00');
const CLASSES: readonly ClassId[] = (['first', 'second', 'standing'] as const).map((seatClass) => ({
  ...{ train: 'G1', date: DATE, seatClass },
}));

const choiceOf = (train: string, seatClass: SeatClass, toStand: boolean): WaitlistChoice => ({
  ...{ train, date: DATE, seatClass, from: 0, to: 2, faresFen: [100], until: UNTIL },
  ...{ fromStation: { code: 'A', name: 'Alpha' }, toStation: { code: 'C', name: 'Gamma' } },
  ...(toStand ? { standingFaresFen: [50] } : {}),
});

type Asked = {
  readonly no: string;
  readonly second: number;
  readonly party: number;
  readonly choices: readonly WaitlistChoice[];
  readonly toStand: boolean;
};

const submitted = ({ no, choices, party, toStand }: Asked): WaitlistEvent => ({
  type: 'WaitlistSubmitted',
  version: 1,
  data: {
    ...{
      waitlistNo: no,
      requestHash: 'h',
      userId: `user-${no}`,
      userKey: 'k',
      choices,
      currency: 'CNY',
      prepayFen: 100,
    },
    passengers: Array.from({ length: party }, () => ({
      name: 'Ann',
      idType: 'passport',
      idNo: 'P1234',
      kind: 'adult',
    })),
    ...{ payBefore: UNTIL, deadline: UNTIL, acceptStanding: toStand },
  },
});
const prepaid: WaitlistEvent = { type: 'WaitlistPrepaid', version: 1, data: { paymentNo: 'P', amountFen: 100 } };
const failed: WaitlistEvent = { type: 'WaitlistFailed', version: 1, data: { reason: 'GIVEN_UP' } };
const locked = (seatClass: SeatClass): WaitlistEvent => ({
  ...{ type: 'WaitlistSeatsLocked', version: 1, data: { choice: 0, seatClass, lockId: 'L' } },
});

let database: ReadDatabase;
let model: ReturnType<typeof waitlistsModel.open>;
let position = 0;
beforeEach(async () => {
  database = await readSideOf(waitlistsModel);
  model = waitlistsModel.open(database);
  position = 0;
  await model.projection.load(anyLog);
});
afterEach(() => database.db.destroy());

const tell = async (no: string, event: WaitlistEvent, second = 0): Promise<void> => {
  position += 1;
  const at = `2026-11-21T08:00:${String(second).padStart(2, '0')}.000+08:00`;
  const recorded: RecordedEvent = {
    ...{ ...event, id: `e${position}`, stream: waitlistCategory.stream(no), revision: 0, position },
    meta: { ...testMeta(), at },
  };
  await model.projection.apply({ events: [recorded], position, caughtUp: true });
};
const wait = async (asked: Asked): Promise<void> => {
  await tell(asked.no, submitted(asked), asked.second);
  await tell(asked.no, prepaid, 59);
};

/** All pages of some size. */
const allOf = async (queries: WaitlistsQueries, limit: number, classes = CLASSES): Promise<PageOfLines['waiting']> => {
  const all: PageOfLines['waiting'][number][] = [];
  let after: LinesCursor | undefined;
  do {
    const { waiting, next } = await queries.inLines(classes, { after, limit }, NOW_MS);
    expect(waiting.length).toBeLessThanOrEqual(limit);
    all.push(...waiting);
    after = next;
  } while (after !== undefined);
  return all;
};

test('who waits is shown with what they wait for', async () => {
  await wait({
    no: 'W1',
    second: 7,
    party: 2,
    choices: [choiceOf('G2', 'first', true), choiceOf('G1', 'second', true)],
    toStand: true,
  });
  const shown = {
    ...{
      waitlistNo: 'W1',
      userId: 'user-W1',
      position: 1,
      choice: 1,
      travellers: 2,
      until: UNTIL,
      acceptStanding: true,
    },
    ...{ from: { code: 'A', name: 'Alpha' }, to: { code: 'C', name: 'Gamma' }, chance: 0.5 },
    since: '2026-11-21T08:00:07.000+08:00',
  };
  expect(await allOf(model.queries, 10)).toEqual([
    { seatClass: 'second', ...shown },
    { seatClass: 'standing', ...shown },
  ]);
  expect(await allOf(model.queries, 10, CLASSES.slice(0, 1))).toEqual([]);
});

test('another generation has lines of its own', async () => {
  await database.db.destroy();
  const other = waitlistsModel.generation?.(2);
  if (other === undefined) throw new Error('the model has no generations');
  database = await readSideOf(other);
  model = other.open(database);
  await model.projection.load(anyLog);
  const choices = [choiceOf('G1', 'second', false)];
  await wait({ no: 'W1', second: 7, party: 1, choices, toStand: false });
  expect(await allOf(model.queries, 10)).toMatchObject([{ waitlistNo: 'W1', position: 1 }]);
});

describe('a line', () => {
  const one = (no: string, second: number): Asked => ({
    ...{ no, second, party: 1, choices: [choiceOf('G1', 'second', false)], toStand: false },
  });

  test('has whoever has prepaid and is neither served nor over, those of one instant by number', async () => {
    for (const [no, second] of [
      ['W5', 3],
      ['W2', 3],
      ['W9', 1],
      ['W3', 2],
      ['W4', 4],
    ] as const)
      await wait(one(no, second));
    await tell('W1', submitted(one('W1', 0)), 0);
    await tell('W3', failed);
    await tell('W4', locked('second'));
    expect((await allOf(model.queries, 2)).map(({ waitlistNo, position }) => [waitlistNo, position])).toEqual([
      ['W9', 1],
      ['W2', 2],
      ['W5', 3],
    ]);
  });

  test('goes on behind one who has left since the page before', async () => {
    for (const second of [1, 2, 3, 4]) await wait(one(`W${second}`, second));
    const first = await model.queries.inLines(CLASSES, { after: undefined, limit: 2 }, NOW_MS);
    expect(first.next).toMatchObject({ seatClass: 'second', waitlistNo: 'W2' });
    await tell('W2', failed);
    const rest = await model.queries.inLines(CLASSES, { after: first.next, limit: 2 }, NOW_MS);
    expect(rest.waiting.map(({ waitlistNo, position }) => [waitlistNo, position])).toEqual([
      ['W3', 2],
      ['W4', 3],
    ]);
    expect(rest.next).toBeUndefined();
  });
});

const request = fc.record({
  second: fc.integer({ min: 0, max: 5 }),
  party: fc.constantFrom(1, 2, 3),
  choices: fc.uniqueArray(
    fc.record({ train: fc.constantFrom('G1', 'G1', 'G2'), seatClass: fc.constantFrom('first', 'second') }),
    { minLength: 1, maxLength: 3, selector: ({ train, seatClass }) => `${train} ${seatClass}` },
  ),
  toStand: fc.boolean(),
  end: fc.constantFrom('waits', 'waits', 'waits', 'unpaid', 'failed', 'served'),
});

test('whatever is asked for, the lines are the requests sorted, and each request is told the same place and chance', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 12 }), fc.constantFrom(1, 2, 5, 100), async (requests, limit) => {
      await database.db.destroy();
      database = await readSideOf(waitlistsModel);
      model = waitlistsModel.open(database);
      await model.projection.load(anyLog);
      const waiting: Asked[] = [];
      for (const [index, { second, party, choices, toStand, end }] of requests.entries()) {
        const asked: Asked = {
          ...{ no: `W${String((index * 7) % 13)}`, second, party, toStand },
          choices: choices.map(({ train, seatClass }) => choiceOf(train, seatClass, toStand)),
        };
        if (end === 'unpaid') await tell(asked.no, submitted(asked), second);
        else await wait(asked);
        if (end === 'waits') waiting.push(asked);
        if (end === 'failed') await tell(asked.no, failed);
        if (end === 'served') await tell(asked.no, locked(asked.choices[0]?.seatClass ?? 'second'));
      }
      const shown = await allOf(model.queries, limit);
      const expected = CLASSES.flatMap(({ seatClass }) =>
        waiting
          .filter(({ choices, toStand }) =>
            choices.some(
              (one) => one.train === 'G1' && (one.seatClass === seatClass || (toStand && seatClass === 'standing')),
            ),
          )
          .sort((a, b) => a.second - b.second || (a.no < b.no ? -1 : 1))
          .map(({ no }, index) => [seatClass, index + 1, no]),
      );
      expect(shown.map(({ seatClass, position, waitlistNo }) => [seatClass, position, waitlistNo])).toEqual(expected);
      for (const { waitlistNo, seatClass, ...told } of shown) {
        const found = await model.queries.byNumber(waitlistNo, NOW_MS);
        const place = found?.places.find((one) => one.seatClass === seatClass && one.choice === told.choice);
        expect(place).toMatchObject({ position: told.position, chance: told.chance });
      }
    }),
    { numRuns: 40 },
  );
});
