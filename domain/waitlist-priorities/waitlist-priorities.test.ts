import { describe, expect, test } from '@jest/globals';
import { given } from '@railhead/tests/support/given.ts';
import fc from 'fast-check';
import { compare } from '../seat-lock/waiting.ts';
import { decide } from './decide.ts';
import type { Priorities, WaitlistPrioritiesEvent } from './events.ts';
import { evolve, noPriorities, type StatedPriorities } from './fold.ts';
import { MOST_LEVEL, priorityOf, turnOf } from './priority.ts';

const BOTH: Priorities = { rules: ['member-level', 'party-size'], sameTimeSeconds: 60 };
const set = (data: Priorities): WaitlistPrioritiesEvent => ({ type: 'WaitlistPrioritiesSet', version: 1, data });
const priorities = given<StatedPriorities, WaitlistPrioritiesEvent>(evolve, () => noPriorities);

describe('the priorities of a railway', () => {
  test('are written when they change, and only then', () => {
    priorities([]).when(decide, { rules: [], sameTimeSeconds: 0 }).changesNothing();
    priorities([]).when(decide, BOTH).emits(set(BOTH));
    priorities([set(BOTH)])
      .when(decide, BOTH)
      .changesNothing();
    const other: Priorities = { ...BOTH, rules: ['party-size', 'member-level'] };
    priorities([set(BOTH)])
      .when(decide, other)
      .emits(set(other));
  });

  test('have no step where only the time counts', () => {
    priorities([]).when(decide, { rules: [], sameTimeSeconds: 60 }).changesNothing();
    priorities([set(BOTH)])
      .when(decide, { rules: [], sameTimeSeconds: 60 })
      .emits(set({ rules: [], sameTimeSeconds: 0 }));
  });
});

const SET_AT = '2026-12-01T08:00:30.000+08:00';
const stated = (more: Partial<StatedPriorities> = {}): StatedPriorities => ({ ...BOTH, since: SET_AT, ...more });
const submission = (time: string, travellers = 1, memberLevel = 0) => ({
  ...{ submittedAt: `2026-12-01T${time}+08:00`, travellers, memberLevel },
});

describe('what puts a request before others', () => {
  test('is nothing where only the time counts, and for who came before the priorities did', () => {
    expect(priorityOf(noPriorities, submission('09:00:00.000', 3, 9))).toBeUndefined();
    expect(priorityOf(stated(), submission('08:00:29.999', 3, 9))).toBeUndefined();
  });

  test('is the step of its time, its level and its party, in the order of the rules', () => {
    expect(priorityOf(stated(), submission('09:00:59.999', 3, 5))).toEqual({
      countsFrom: '2026-12-01T01:00:00.000Z',
      ranks: [
        { by: 'member-level', value: 5 },
        { by: 'party-size', value: 3 },
      ],
    });
    const turned = stated({ rules: ['party-size'], sameTimeSeconds: 0 });
    expect(priorityOf(turned, submission('09:00:59.999', 3, 5))).toEqual({
      countsFrom: '2026-12-01T01:00:59.999Z',
      ranks: [{ by: 'party-size', value: 3 }],
    });
  });

  test('counts from no instant before the priorities were set', () => {
    expect(priorityOf(stated(), submission('08:00:30.000'))?.countsFrom).toBe('2026-12-01T00:00:30.000Z');
    expect(priorityOf(stated(), submission('08:01:00.000'))?.countsFrom).toBe('2026-12-01T00:01:00.000Z');
  });
});

type Person = {
  readonly time: string;
  readonly level?: number;
  readonly party?: number;
  readonly by?: StatedPriorities;
};
/** Their numbers, in the order of the line. */
const inLine = (people: Readonly<Record<string, Person>>): readonly string[] =>
  Object.entries(people)
    .map(([waitlistNo, { time, level = 0, party = 1, by = stated() }]) => {
      const one = submission(time, party, level);
      return { waitlistNo, ...turnOf(one.submittedAt, priorityOf(by, one)) };
    })
    .sort(compare)
    .map(({ waitlistNo }) => waitlistNo);

describe('in a line', () => {
  test('the step of the time goes first, then the level, then the party, then the exact time, then the number', () => {
    expect(
      inLine({
        number2: { time: '09:00:10.000', level: 3, party: 2 },
        number1: { time: '09:00:10.000', level: 3, party: 2 },
        nextStep: { time: '09:01:00.000', level: 9, party: 3 },
        nobody: { time: '09:00:00.000' },
        member: { time: '09:00:59.000', level: 4 },
        family: { time: '09:00:20.000', level: 3, party: 3 },
        later: { time: '09:00:10.001', level: 3, party: 2 },
        stepBefore: { time: '08:59:59.999' },
      }),
    ).toEqual(['stepBefore', 'member', 'family', 'number1', 'number2', 'later', 'nobody', 'nextStep']);
  });

  test('the party goes before the level where it is named first', () => {
    const by = stated({ rules: ['party-size', 'member-level'] });
    const member = { time: '09:00:00.000', level: 9, by };
    expect(inLine({ member, family: { time: '09:00:30.000', party: 2, by } })).toEqual(['family', 'member']);
  });

  test('a change of the priorities moves nobody behind who comes after it', () => {
    const [off, longer] = [noPriorities, stated({ sameTimeSeconds: 86_400, since: '2026-12-01T09:00:30.000+08:00' })];
    const people = {
      byTime: { time: '08:00:20.000', by: off },
      first: { time: '08:00:40.000' },
      second: { time: '09:00:10.000' },
      third: { time: '09:00:40.000', level: 9, party: 3, by: longer },
      last: { time: '23:00:00.000', by: off },
    };
    expect(inLine(people)).toEqual(['byTime', 'first', 'second', 'third', 'last']);
  });

  const person = fc.record({
    atMs: fc.integer({ min: 0, max: 200 }).map((n) => Date.parse(SET_AT) - 50 + n * 10),
    level: fc.integer({ min: 0, max: MOST_LEVEL }),
    party: fc.integer({ min: 1, max: 3 }),
    no: fc.constantFrom('A', 'B', 'C', 'D'),
    by: fc.constantFrom(
      noPriorities,
      stated({ sameTimeSeconds: 0 }),
      stated({ sameTimeSeconds: 1 }),
      stated({ rules: ['party-size'], sameTimeSeconds: 86_400 }),
      stated({ rules: ['party-size', 'member-level'], since: '2026-12-01T08:00:31.000+08:00' }),
    ),
  });
  type Drawn = typeof person extends fc.Arbitrary<infer One> ? One : never;
  const turned = ({ atMs, level, party, no, by }: Drawn) => {
    const submittedAt = new Date(atMs).toISOString();
    const priority = priorityOf(by, { submittedAt, travellers: party, memberLevel: level });
    return { waitlistNo: no, ...turnOf(submittedAt, priority) };
  };

  test('everybody has one place, whatever the priorities were when they came', () => {
    fc.assert(
      fc.property(person, person, person, (a, b, c) => {
        const [x, y, z] = [turned(a), turned(b), turned(c)];
        expect(Math.sign(compare(x, y)) + Math.sign(compare(y, x))).toBe(0);
        if (compare(x, y) <= 0 && compare(y, z) <= 0) expect(compare(x, z)).toBeLessThanOrEqual(0);
        if (compare(x, y) === 0) expect([x.sinceMs, x.waitlistNo]).toEqual([y.sinceMs, y.waitlistNo]);
      }),
    );
  });

  test('nobody goes before who came in an earlier step, or before the priorities were changed', () => {
    fc.assert(
      fc.property(person, person, (a, b) => {
        const [x, y] = [turned(a), turned(b)];
        // Whoever goes first counts from no later instant, and from none that is later than their own.
        if (compare(x, y) < 0) expect(x.countsFromMs).toBeLessThanOrEqual(y.countsFromMs);
        expect(x.countsFromMs).toBeLessThanOrEqual(x.sinceMs);
        if (a.by === noPriorities && a.atMs < Date.parse(SET_AT) && b.atMs >= Date.parse(SET_AT))
          expect(compare(x, y)).toBeLessThan(0);
      }),
    );
  });

  test('only the time and the number count without priorities', () => {
    fc.assert(
      fc.property(fc.array(person), (people) => {
        const line = people.map((one) => turned({ ...one, by: noPriorities }));
        const byTime = line.toSorted(
          (a, b) => a.sinceMs - b.sinceMs || (a.waitlistNo < b.waitlistNo ? -1 : a.waitlistNo > b.waitlistNo ? 1 : 0),
        );
        expect(line.toSorted(compare)).toEqual(byTime);
      }),
    );
  });
});
