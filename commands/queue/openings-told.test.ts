import { expect, test } from '@jest/globals';
import type { AnyEvent } from '@railhead/domain/kernel/event.ts';
import { testMeta } from '@railhead/tests/support/events.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { OpeningsTold } from './openings-told.ts';

const stop = (code: string) => ({ code, name: code, arrives: 500, departs: 500, km: 0 });
const run = openedRun({ train: 'G1', date: '2026-12-14', stops: [stop('A'), stop('B')] });
const [NINE, TEN, ELEVEN] = ['09', '10', '11'].map((hour) => `2026-12-01T${hour}:00:00.000+08:00`);

let position = 0;
const at = (stream: string, type: string, data: AnyEvent['data'], hour: number, actor = 'olga'): RecordedEvent => {
  position += 1;
  const meta = {
    ...testMeta(`c${position}`),
    actor,
    at: `2026-11-30T${String(hour).padStart(2, '0')}:00:00.000+08:00`,
  };
  return { stream, type, data, version: 1, meta, position, id: `e${position}`, revision: position };
};
const set = (hour: number, opensAt: string | undefined, more: object = {}): RecordedEvent =>
  at(
    'config-saleOpenings',
    'SaleOpeningsSet',
    {
      runs: opensAt === undefined ? [] : [{ train: 'G1', date: '2026-12-14', opensAt }],
      days: [],
      stations: [],
      ...more,
    },
    hour,
  );
const room = (hour: number, opensAt: string | undefined): RecordedEvent =>
  at('runQueue-G1_2026-12-14', 'WaitingRoomOpened', { opensAt, commitment: 'c', nonce: 'n' }, hour, 'railhead');
const shuffled = (hour: number): RecordedEvent =>
  at('runQueue-G1_2026-12-14', 'WaitingRoomShuffled', { seed: 's', places: 0, digest: 'd' }, hour, 'railhead');

const told = (events: readonly RecordedEvent[], of: typeof run | undefined = run): OpeningsTold => {
  const openings = new OpeningsTold(of);
  for (const event of events) openings.add(event);
  return openings;
};
const shown = ({ openings }: OpeningsTold): readonly unknown[] =>
  openings.map(({ opensAt, decidedAt, by }) => [opensAt, decidedAt.slice(11, 13), by]);

test('every instant is told with when it was decided and by whom, and no instant twice in a row', () => {
  const other = { days: [{ date: '2026-12-20', opensAt: NINE }] };
  const told3 = told([set(1, NINE), room(2, NINE), set(3, NINE, other), set(4, ELEVEN), set(5, TEN), shuffled(6)]);
  expect(shown(told3)).toEqual([
    [NINE, '01', 'olga'],
    [ELEVEN, '04', 'olga'],
    [TEN, '05', 'olga'],
  ]);
  expect(told3.revealed).toMatchObject({ at: '2026-11-30T06:00:00.000+08:00' });
});

test('what was taken back is told, and what was put off after the room was put in order', () => {
  const all = told([set(1, NINE), room(2, NINE), set(3, undefined), shuffled(4), set(5, TEN)]);
  expect(shown(all)).toEqual([
    [NINE, '01', 'olga'],
    [undefined, '03', 'olga'],
    [TEN, '05', 'olga'],
  ]);
  expect((all.revealed?.position ?? 0) < (all.openings.at(-1)?.position ?? 0)).toBe(true);
});

test('openings of days and stations count, and a room whose instant no opening says', () => {
  const ofStation = { stations: [{ station: 'A', opensMinutes: 10 * 60, daysBefore: 13 }] };
  expect(shown(told([set(1, undefined, ofStation)]))).toEqual([[TEN, '01', 'olga']]);
  expect(shown(told([room(2, NINE)], undefined))).toEqual([[NINE, '02', 'railhead']]);
});

test('an event of a newer version is not passed over in silence', () => {
  expect(() => told([{ ...set(1, NINE), version: 2 }])).toThrow('does not understand');
});
