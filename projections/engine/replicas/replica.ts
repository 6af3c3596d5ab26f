// A database that follows the one in which the read models are written. While it does not answer, nobody waits for it.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { GrowingPause } from '../growing-pause.ts';
import type { ReadDatabase } from '../read-database.ts';
import { MAX_UNDER_WAY } from './limits.ts';

/** Nothing is ever written into it. */
export type ReplicaDatabase = Pick<ReadDatabase, 'db' | 'dialect'> & {
  /** Anybody may read it: it is no address. */
  readonly name: string;
};

export class Replica {
  readonly name: string;
  readonly database: ReplicaDatabase;
  readonly #logger: Logger;
  readonly #pause: GrowingPause;
  #isAway = false;
  #underWay = 0;

  constructor(database: ReplicaDatabase, clock: Pick<Clock, 'after'>, logger: Logger) {
    this.name = database.name;
    this.database = database;
    this.#logger = logger;
    this.#pause = new GrowingPause(clock);
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** Has it room for one more that waits? */
  get hasRoom(): boolean {
    return this.#underWay < MAX_UNDER_WAY;
  }

  /** May it be tried whether it answers? */
  get mayBeTried(): boolean {
    return this.hasRoom && this.#pause.isOver;
  }

  /** Counts what it has to do, also when nobody waits for that any more. */
  async ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
    }
  }

  /** It did not answer. */
  failed(error: unknown): void {
    if (!this.#isAway)
      this.#logger.warn({ err: error, replica: this.name }, 'a replica of the read models does not answer');
    this.#isAway = true;
    this.#pause.begin();
  }

  /** It has answered. `isWhole`: all of a request, and in time; then the next pause is a short one again. */
  answered(isWhole: boolean): void {
    // A look that was under way when others had waited in vain.
    if (!isWhole && !this.#pause.isOver) return;
    if (this.#isAway) this.#logger.info({ replica: this.name }, 'a replica of the read models answers again');
    this.#isAway = false;
    if (isWhole) this.#pause.end();
  }

  end(): void {
    this.#pause.end();
  }
}
