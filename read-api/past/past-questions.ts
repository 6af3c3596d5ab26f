// Questions about the past, which are answered from the log. They share the thread with the sale: one at a time, each reads
// so many events at most, and gives way between two pages.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { clientGone } from '@railhead/http/client-gone.ts';
import { Problem } from '@railhead/http/problem.ts';
import { Turns } from '@railhead/projections/engine/turns.ts';
import type { AskedNow } from '@railhead/projections/past/moment.ts';
import { meteredLog, TooMuchToRead } from '@railhead/projections/past/past-log.ts';
import type { PastDeps } from '@railhead/projections/past/things.ts';
import type { OrdersReads } from '../read-models.ts';
import { ordersOfUser } from './orders-of-user.ts';

export type PastReads = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly models: { readonly orders: OrdersReads };
  /** Lets the sale go first. Rejects when the signal is aborted. */
  readonly giveWay: (signal: AbortSignal) => Promise<void>;
};

/** Events that one question may read; see `meteredLog`. */
const MOST_EVENTS = 50_000;
const PAGE_EVENTS = 50;
/** Questions that are asked at a time: one is answered, the others wait for their turn. */
const MOST_ASKED = 8;
/** For so long a question waits and gives way. */
const PATIENCE_MS = 30_000;

export class PastQuestions {
  readonly #reads: PastReads;
  readonly #turns = new Turns();
  #asked = 0;

  constructor(reads: PastReads) {
    this.#reads = reads;
  }

  /** Throws `Problem` OVERLOADED where there is no room or no time for it, and TOO_MUCH_TO_READ. */
  async answer<Answer>(
    { response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
    work: (past: PastDeps, now: AskedNow) => Promise<Answer>,
  ): Promise<Answer> {
    if (this.#asked >= MOST_ASKED)
      throw new Problem('OVERLOADED', `${MOST_ASKED} questions about the past wait for their answer; ask again`);
    this.#asked += 1;
    const { store, clock, models, giveWay } = this.#reads;
    const gone = clientGone(response);
    const startedMs = clock.now();
    const breathe = async (): Promise<void> => {
      await giveWay(gone);
      if (clock.now() - startedMs > PATIENCE_MS)
        throw new Problem('OVERLOADED', 'the sale goes first, and there was no time for this; ask again later');
    };
    try {
      const log = meteredLog(store, { mostEvents: MOST_EVENTS, pageEvents: PAGE_EVENTS, breathe });
      const past = { log, orders: ordersOfUser(models.orders) };
      return await this.#turns.take(async () => {
        await breathe();
        return work(past, { nowMs: startedMs, zone: clock.zone.name });
      });
    } catch (error) {
      if (error instanceof TooMuchToRead)
        throw new Problem(
          'TOO_MUCH_TO_READ',
          `${error.message}; name moments that are nearer to each other, or ask railhead replay on the command line`,
        );
      // Nobody hears this: it is no fault that has to be told of.
      if (gone.aborted) throw new Problem('OVERLOADED', 'the client has gone');
      throw error;
    } finally {
      this.#asked -= 1;
    }
  }
}
