// What the configuration of this process says of those who wait for seats, written into the log before it serves: requests
// are put in order by what the log says, so all processes agree, and a change holds from its event on.

import { decide } from '@railhead/domain/waitlist-priorities/decide.ts';
import type { Priorities } from '@railhead/domain/waitlist-priorities/events.ts';
import { RAILWAY, waitlistPrioritiesCategory } from '@railhead/domain/waitlist-priorities/stream.ts';
import { type Clock, pause } from '../ports/clock.ts';
import { type EventStore, EventStoreError } from '../ports/event-store.ts';
import type { Logger } from '../ports/logger.ts';
import { ownOrigin } from '../streams/append.ts';
import { load } from '../streams/load.ts';
import { transact } from '../streams/transact.ts';
import { NotUnderstood } from '../streams/understood.ts';

export type WaitlistPrioritiesDeps = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly priorities: Priorities;
};

const ASKS_AGAIN_MS = 1_000;

export class ConfiguredPriorities {
  readonly #deps: WaitlistPrioritiesDeps;
  readonly #ending = new AbortController();

  constructor(deps: WaitlistPrioritiesDeps) {
    this.#deps = deps;
  }

  /** Waits until the log has them; writes nothing if it has them already. */
  async start(): Promise<void> {
    const { clock, logger, priorities } = this.#deps;
    const { signal } = this.#ending;
    if (priorities.rules.length === 0 && priorities.sameTimeSeconds > 0)
      logger.warn({ ...priorities }, 'waitlistSameTimeSeconds has no effect without waitlistPriorities');
    while (!signal.aborted && !(await this.#isStated())) await pause(clock, ASKS_AGAIN_MS, signal);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
  }

  /** False: the log cannot be read or written now, or keeps changing. */
  async #isStated(): Promise<boolean> {
    const { store, clock, logger, priorities } = this.#deps;
    try {
      const { revision } = await load(store, waitlistPrioritiesCategory, RAILWAY);
      // Another process may set others meanwhile: what is set after them is another command.
      const commandId = `waitlistPriorities/${revision + 1}/${priorities.rules.join('+')}/${priorities.sameTimeSeconds}`;
      const origin = ownOrigin(commandId);
      const done = await transact({ store, clock }, waitlistPrioritiesCategory, RAILWAY, origin, (now) =>
        decide(now, priorities),
      );
      if (!done.ok) return false;
      if (done.value.changed) {
        const { rules, sameTimeSeconds } = done.value.before;
        logger.info({ ...priorities, before: { rules, sameTimeSeconds } }, 'the priorities of who waits have been set');
      }
      return true;
    } catch (err) {
      if (!(err instanceof EventStoreError)) throw err;
      // A newer version has set them. The sale goes on; nobody can be put in a line by rules that are not understood.
      const isStrange = err instanceof NotUnderstood;
      if (isStrange) logger.error({ err }, 'nobody can begin to wait for seats: the priorities are of a newer version');
      else logger.warn({ err }, 'the priorities of who waits cannot be written into the log');
      return isStrange;
    }
  }
}
