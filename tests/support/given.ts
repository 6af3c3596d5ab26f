// Decisions as sentences: given what happened, when this is asked for, then these events or that refusal.
import { expect } from '@jest/globals';
import type { Decision } from '@railhead/domain/kernel/decision.ts';
import type { AnyEvent, Recorded } from '@railhead/domain/kernel/event.ts';
import { recorded } from './events.ts';

export type Decided<Event, Code extends string> = {
  /** Exactly these events, in this order. */
  emits(...events: readonly Event[]): void;
  /** The command is accepted and changes nothing. */
  changesNothing(): void;
  refuses(code: Code): void;
};

export type Given<State, Event> = {
  readonly state: State;
  when<Command, Code extends string>(
    decide: (state: State, command: Command) => Decision<Event, Code>,
    command: NoInfer<Command>,
  ): Decided<Event, Code>;
};

/**
 * `given(evolve, initial)(events).when(decide, command).emits(…)`. Events may be recorded already, where their command
 * matters. Deciding must not change the state; that is checked every time.
 */
export const given =
  <State, Event extends AnyEvent>(fold: (state: State, event: Recorded<Event>) => State, initial: () => State) =>
  (events: readonly (Event | Recorded<Event>)[]): Given<State, Event> => {
    const state = events.reduce((now: State, event) => fold(now, 'meta' in event ? event : recorded(event)), initial());
    return {
      state,
      when: (decide, command) => {
        const before = structuredClone(state);
        const decision = decide(state, command);
        expect(state).toEqual(before);
        return {
          emits: (...expected) => expect(decision).toEqual({ ok: true, value: expected }),
          changesNothing: () => expect(decision).toEqual({ ok: true, value: [] }),
          refuses: (code) => expect(decision).toMatchObject({ ok: false, refusal: { code } }),
        };
      },
    };
  };
