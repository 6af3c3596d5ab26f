import { describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { recordedLog } from '@railhead/tests/support/recorded-log.ts';
import fc from 'fast-check';
import { momentOf, momentsOf } from './moment.ts';
import { positionAt } from './position-at.ts';

const ZONE = 'Asia/Shanghai';
const START_MS = Date.parse('2026-12-01T09:00:00+08:00');
const SECOND = 1_000;

/** Events that were written so many seconds after the start, at every `gap`th position. */
const logAt = (seconds: readonly number[], gap = 1): readonly RecordedEvent[] =>
  seconds.map((second, index) => {
    const event = newEvent();
    const at = new Date(START_MS + second * SECOND).toISOString();
    return { ...event, meta: { ...event.meta, at }, stream: 'order-1', revision: index, position: (index + 1) * gap };
  });

const now = { nowMs: START_MS + 3_600 * SECOND, zone: ZONE };
const ask = (seconds: readonly number[], text: string | undefined) => momentOf(recordedLog(logAt(seconds)), text, now);

describe('a moment', () => {
  const log = [0, 10, 20, 30];
  test.each([
    ['a position', '2', 2],
    ['position 0, before everything', '0', 0],
    ['nothing, which is the end', undefined, 4],
    ['a time with an offset', '2026-12-01T01:00:10Z', 2],
    ["a time by the railway's clock", '2026-12-01T09:00:19.999', 2],
    ['a time between two events', '2026-12-01T09:00:25+08:00', 3],
    ['a time before everything', '2020-01-01T00:00:00Z', 0],
    ['a time after everything', '2026-12-01T09:30:00+08:00', 4],
    ['now', '2026-12-01T10:00:00+08:00', 4],
  ])('is %s', async (_, text, position) => {
    const at = position === 0 ? {} : { at: expect.any(String) };
    expect(await ask(log, text)).toEqual({ ok: true, value: { position, end: 4, ...at } });
  });

  test.each([
    ['a position after the end', '5', 'MOMENT_IN_FUTURE', 'position 4'],
    ['a time to come', '2026-12-01T10:00:00.001+08:00', 'MOMENT_IN_FUTURE', '2026-12-01T10:00:00.000+08:00'],
    ['a word', 'yesterday', 'MOMENT_INVALID', 'such as'],
    ['a day that there is not', '2026-02-30T00:00:00Z', 'MOMENT_INVALID', 'such as'],
    ['an offset whose plus became a space', '2026-12-01T09:00:00 08:00', 'MOMENT_INVALID', '%2B'],
    ['a number below 0', '-1', 'MOMENT_INVALID', 'such as'],
    ['a number that no position has', '99999999999999999999', 'MOMENT_INVALID', 'no position'],
    ['an empty text', '', 'MOMENT_INVALID', 'such as'],
  ])('is not %s', async (_, text, code, detail) => {
    expect(await ask(log, text)).toMatchObject({
      ok: false,
      refusal: { code, detail: expect.stringContaining(detail) },
    });
  });

  test('of an empty log is its beginning', async () => {
    expect(await ask([], undefined)).toEqual({ ok: true, value: { position: 0, end: 0 } });
    expect(await ask([], '2026-12-01T09:00:00+08:00')).toEqual({ ok: true, value: { position: 0, end: 0 } });
  });

  test('comes after the one before it', async () => {
    const two = (from: string, to: string | undefined) => momentsOf(recordedLog(logAt(log)), { from, to }, now);
    expect(await two('1', '1')).toMatchObject({ ok: true });
    expect(await two('3', '2')).toMatchObject({ ok: false, refusal: { code: 'MOMENTS_BACKWARDS' } });
    expect(await two('x', undefined)).toMatchObject({ ok: false, refusal: { code: 'MOMENT_INVALID' } });
    expect(await two('1', '9')).toMatchObject({ ok: false, refusal: { code: 'MOMENT_IN_FUTURE' } });
  });
});

/** By a running maximum over the whole log. */
const beforeAnyLater = (events: readonly RecordedEvent[], ms: number): number => {
  const later = events.findIndex(({ meta }) => Date.parse(meta.at) > ms);
  return events[(later === -1 ? events.length : later) - 1]?.position ?? 0;
};

describe('a time where clocks are not exact', () => {
  const second = fc.integer({ min: 0, max: 40 });

  test('is before the first event that is later, if no clock was wrong for longer than is looked back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(second, { maxLength: 40 }), second, async (seconds, asked) => {
        const [events, ms] = [logAt(seconds), START_MS + asked * SECOND];
        const found = await positionAt(recordedLog(events), ms, events.length, events.length);
        expect(found).toBe(beforeAnyLater(events, ms));
      }),
      { numRuns: 500 },
    );
  });

  test('is between an event that is not later and one that is, however little is looked back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(second, { maxLength: 60 }), second, fc.nat(5), async (seconds, asked, settled) => {
        const [events, ms] = [logAt(seconds), START_MS + asked * SECOND];
        const isLater = ({ meta }: RecordedEvent) => Date.parse(meta.at) > ms;
        const found = await positionAt(recordedLog(events), ms, events.length, settled);
        expect(events.slice(Math.max(0, found - settled), found).filter(isLater)).toEqual([]);
        expect(events.slice(found, found + 1).every(isLater)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('is found in a log with gaps between its positions by reading it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(second, { maxLength: 40 }), second, async (seconds, asked) => {
        const [events, ms] = [logAt(seconds, 7), START_MS + asked * SECOND];
        const end = events.at(-1)?.position ?? 0;
        expect(await positionAt(recordedLog(events), ms, end, 2)).toBe(beforeAnyLater(events, ms));
      }),
      { numRuns: 300 },
    );
  });

  test('reads little of a long log', async () => {
    const events = logAt(Array.from({ length: 100_000 }, (_, n) => n));
    const log = recordedLog(events);
    let [pages, looks] = [0, 0];
    const counted: typeof log = {
      ...log,
      eventAt: async (position) => {
        looks += 1;
        return events[position - 1];
      },
      readAll: async ({ after, limit }) => {
        pages += 1;
        return { events: events.slice(after, after + limit), position: after + limit, caughtUp: false };
      },
    };
    expect(await positionAt(counted, START_MS + 77_777 * SECOND, events.length)).toBe(77_778);
    expect(looks).toBeLessThan(20);
    expect(pages).toBeLessThan(10);
  });
});
