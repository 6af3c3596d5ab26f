// What a log says of queues must follow from what it said before: each way in which it can differ is named by itself.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Log, withAgain, withField, without, withSwapped } from '@railhead/tests/support/broken-log.ts';
import { audited } from '@railhead/tests/support/clean-logs.ts';
import { queuedLog } from '@railhead/tests/support/queued-sale.ts';
import type { RecordedEvent } from '../ports/event-store.ts';

let log: Log;
beforeAll(async () => {
  log = await queuedLog();
});

const of = (type: string, nth = 0): RecordedEvent => {
  const found = log.filter((event) => event.type === type)[nth];
  if (found === undefined) throw new Error(`no ${type}`);
  return found;
};
const named = (broken: Log): string =>
  audited(broken)
    .violations.map(({ code, detail }) => `${code} ${detail}`)
    .join('\n');
/** Written last, as an event of the stream of `like`. */
const withLast = (like: RecordedEvent, type: string, data: unknown): Log => withAgain(log, { ...like, type, data });

test('nothing is named of what is as it should be', () => {
  expect(named(log)).toBe('');
});

describe('is named', () => {
  const cases: readonly (readonly [what: string, broken: () => Log, text: string])[] = [
    ['another seed', () => withField(log, of('WaitingRoomShuffled'), ['seed'], 'a'.repeat(64)), 'SEED_DIFFERS'],
    ['a seed that is none', () => withField(log, of('WaitingRoomShuffled'), ['seed'], 'soon'), 'SEED_DIFFERS'],
    ['another commitment', () => withField(log, of('WaitingRoomOpened'), ['commitment'], 'c'), 'SEED_DIFFERS'],
    ['another order', () => withField(log, of('WaitingRoomShuffled'), ['digest'], 'd'), 'the order is not the one'],
    ['fewer in the room', () => withField(log, of('WaitingRoomShuffled'), ['places'], 2), '3 are in the room'],
    [
      'somebody in the room before it was committed to',
      () => withSwapped(log, of('WaitingRoomOpened'), of('QueueJoined')),
      'SEED_DIFFERS',
    ],
    ['a second room', () => withAgain(log, of('WaitingRoomOpened')), 'there is a waiting room already'],
    ['who has two places', () => withAgain(log, of('QueueJoined', 3)), 'waits already'],
    ['who is admitted twice', () => withAgain(log, of('QueueAdmitted')), 'was admitted before'],
    ['who is admitted and not there', () => withField(log, of('QueueAdmitted'), ['upTo'], 5), 'are in line'],
    [
      'who is admitted while nobody is',
      () => withField(log, of('QueueModeSet'), ['mode'], 'PAUSED'),
      'the queue is PAUSED',
    ],
    [
      'whatever comes after the end',
      () => withAgain(withLast(of('QueueAdmitted'), 'QueueClosed', { reason: 'SALE_CLOSED' }), of('QueueModeSet')),
      'the queue has ended',
    ],
    ['a place that was not admitted', () => without(log, ({ type }) => type === 'QueueAdmitted'), 'is not admitted'],
    ['a place of another user', () => withField(log, of('QueuePlaceUsed'), ['user'], 'v'), 'by another user'],
    [
      'a place that is used twice',
      () => withLast(of('QueuePlaceUsed'), 'QueuePlaceUsed', { orderNo: 'X', requestMark: 'm', user: 'u' }),
      'has been used for another order',
    ],
    [
      'a place that is given back by an order that did not have it',
      () => withLast(of('QueuePlaceUsed'), 'QueuePlaceReturned', { orderNo: 'X' }),
      'was not used by that order',
    ],
    [
      'a place of another run',
      () => log.map((event) => ({ ...event, stream: event.stream.replace(/^(queuePlace|runQueue)-G1/, '$1-G2') })),
      'RUN_UNKNOWN',
    ],
  ];
  test.each(cases)('%s', (_, broken, text) => {
    expect(named(broken())).toContain(text);
  });
});
