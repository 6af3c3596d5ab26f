import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide, type ReplayCommand } from './decide.ts';
import type { ReplayEvent } from './events.ts';
import { evolve, type Generations, onlyTheFirst } from './fold.ts';

const meta = { commandId: 'c', correlationId: 'c', causationId: 'c', actor: 'olga', at: '2026-11-30T08:00:00+08:00' };
const after = (events: readonly ReplayEvent[], before: Generations = onlyTheFirst): Generations =>
  events.reduce((state, event) => evolve(state, { ...event, meta }), before);

const START: ReplayCommand = { type: 'Start', eventsPerSecond: 0, part: {} };
const VERIFIED: ReplayCommand = {
  type: 'NoteVerified',
  of: 2,
  verified: { position: 5, rows: 3, checksum: 'c', unlikeLog: 0, unlikeServing: 1 },
};
const SWAP: ReplayCommand = { type: 'Swap', isWhole: true, unverified: false };
const ROLL_BACK: ReplayCommand = { type: 'RollBack', isWhole: true };

/** The state after these commands, each of which is accepted. */
const given = (...commands: readonly ReplayCommand[]): Generations =>
  commands.reduce((state, command) => {
    const decision = decide(state, command);
    if (!decision.ok) throw new Error(decision.refusal.code);
    return after(decision.value, state);
  }, onlyTheFirst);
const refused = (state: Generations, command: ReplayCommand): string | undefined => {
  const decision = decide(state, command);
  return decision.ok ? undefined : decision.refusal.code;
};

test('a generation is built, compared, read, given up and read again', () => {
  const built = given(START);
  expect(built).toMatchObject({ serving: 1, last: 2, beside: { generation: 2, wasRead: false, isPaused: false } });
  const read = given(START, VERIFIED, SWAP);
  expect(read).toMatchObject({ serving: 2, beside: { generation: 1, wasRead: true } });
  const back = given(START, VERIFIED, SWAP, ROLL_BACK);
  expect(back).toMatchObject({ serving: 1, last: 2, beside: { generation: 2, wasRead: true } });
  expect(given(START, VERIFIED, SWAP, ROLL_BACK, VERIFIED, SWAP).serving).toBe(2);
  expect(given(START, VERIFIED, SWAP, { type: 'Drop' })).toEqual({ serving: 2, last: 2, movedAt: meta.at });
});

test('it stands still, goes on and has a limit; what is so already changes nothing', () => {
  const paused = given(START, { type: 'Pause' }, { type: 'Pause' });
  expect(paused.beside?.isPaused).toBe(true);
  const going = given(START, { type: 'Pause' }, { type: 'Resume' }, { type: 'Resume' });
  expect(going.beside?.isPaused).toBe(false);
  expect(given(START, { type: 'Throttle', eventsPerSecond: 7 }).beside?.eventsPerSecond).toBe(7);
  expect(decide(paused, { type: 'Pause' })).toEqual({ ok: true, value: [] });
});

test('what could not be compared again is not verified any more', () => {
  const state = given(START, VERIFIED, { type: 'NoteUnverified', of: 2 });
  expect(state.beside?.verified).toBeUndefined();
  expect(refused(state, SWAP)).toBe('REPLAY_UNVERIFIED');
  expect(decide(state, { type: 'NoteUnverified', of: 2 })).toEqual({ ok: true, value: [] });
});

describe('it is refused', () => {
  const partial = given({ type: 'Start', eventsPerSecond: 0, part: { until: 5 } });
  test.each<[string, Generations, ReplayCommand, string]>([
    ['to begin twice', given(START), START, 'REPLAY_UNDER_WAY'],
    ['to begin while one is kept', given(START, VERIFIED, SWAP), START, 'GENERATION_KEPT'],
    ['to pause nothing', onlyTheFirst, { type: 'Pause' }, 'NO_REPLAY'],
    ['to resume what is kept', given(START, VERIFIED, SWAP), { type: 'Resume' }, 'NO_REPLAY'],
    ['to throttle nothing', onlyTheFirst, { type: 'Throttle', eventsPerSecond: 1 }, 'NO_REPLAY'],
    ['to swap nothing', onlyTheFirst, SWAP, 'NO_REPLAY'],
    ['to swap twice', given(START, VERIFIED, SWAP), SWAP, 'NO_REPLAY'],
    ['to swap what is not whole', given(START, VERIFIED), { ...SWAP, isWhole: false }, 'REPLAY_UNFINISHED'],
    ['to swap a part', partial, SWAP, 'REPLAY_PARTIAL'],
    ['to swap a part without a check', partial, { ...SWAP, unverified: true }, 'REPLAY_PARTIAL'],
    ['to swap without a check', given(START), SWAP, 'REPLAY_UNVERIFIED'],
    [
      'to swap after a look at a sample',
      given(START, { ...VERIFIED, verified: { position: 5, rows: 3, checksum: 'c', unlikeServing: 0 } }),
      SWAP,
      'REPLAY_UNVERIFIED',
    ],
    [
      'to swap what is not as the log has it',
      given(START, { ...VERIFIED, verified: { position: 5, rows: 3, checksum: 'c', unlikeLog: 1, unlikeServing: 0 } }),
      SWAP,
      'REPLAY_DIFFERS',
    ],
    ['to roll back to nothing', given(START), ROLL_BACK, 'NOTHING_KEPT'],
    [
      'to roll back to what lacks events',
      given(START, VERIFIED, SWAP),
      { type: 'RollBack', isWhole: false },
      'REPLAY_UNFINISHED',
    ],
    ['to cancel what is kept', given(START, VERIFIED, SWAP), { type: 'Cancel' }, 'NO_REPLAY'],
    ['to drop nothing', onlyTheFirst, { type: 'Drop' }, 'NOTHING_KEPT'],
    ['to note a check of another generation', given(START, { type: 'Cancel' }, START), VERIFIED, 'NO_REPLAY'],
  ])('%s', (_, state, command, code) => expect(refused(state, command)).toBe(code));
});

test('whatever is commanded, one generation is read, at most one stands beside it, and no number comes twice', () => {
  const command = fc.oneof(
    fc.constant(START),
    fc.constantFrom<ReplayCommand>({ type: 'Pause' }, { type: 'Resume' }, { type: 'Cancel' }, { type: 'Drop' }),
    fc.record({ type: fc.constant('Throttle' as const), eventsPerSecond: fc.nat(9) }),
    fc.record({ type: fc.constant('Swap' as const), isWhole: fc.boolean(), unverified: fc.boolean() }),
    fc.record({ type: fc.constant('RollBack' as const), isWhole: fc.boolean() }),
    fc.nat(6).map((of): ReplayCommand => ({ ...VERIFIED, of }) as ReplayCommand),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      let state = onlyTheFirst;
      const begun = new Set([1]);
      for (const each of commands) {
        const decision = decide(state, each);
        if (!decision.ok) continue;
        for (const event of decision.value)
          if (event.type === 'ReplayStarted') {
            expect(begun.has(event.data.generation)).toBe(false);
            begun.add(event.data.generation);
          }
        const before = state;
        state = after(decision.value, before);
        expect(begun.has(state.serving)).toBe(true);
        expect(state.beside?.generation).not.toBe(state.serving);
        // What is read only changes to what stood beside it.
        if (state.serving !== before.serving) expect(state.serving).toBe(before.beside?.generation);
      }
    }),
  );
});
