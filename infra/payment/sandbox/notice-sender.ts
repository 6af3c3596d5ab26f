// Delivers signed notices to the merchant: at once, then after 1, 2, 4, 8 … seconds, eight times in all. Then it is a
// dead letter.
import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { Dialect } from '../dialect.ts';
import type { GatewayStore, PendingNotice } from './gateway-store.ts';

/** As real gateways do: growing pauses, and an end after a number of attempts. */
const MAX_ATTEMPTS = 8;
const FIRST_DELAY_MS = 1_000;
const TIMEOUT_MS = 3_000;
const AT_ONCE = 20;

/** After a failure of its own book, a full disk for instance. */
const AGAIN_MS = 10_000;

export class NoticeSender {
  readonly #store: GatewayStore;
  readonly #dialect: Pick<Dialect, 'seal'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #timer: Timer | undefined;
  #sending: Promise<void> = Promise.resolve();
  /** Somebody has called since the sending began: it looks once more before it rests. */
  #isWanted = false;
  #isSending = false;
  #stopped = false;

  constructor(store: GatewayStore, dialect: Pick<Dialect, 'seal'>, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#dialect = dialect;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Sends the notices that are due now, and the others when they are due. Call it after each new notice. */
  wake(): void {
    if (this.#stopped) return;
    this.#isWanted = true;
    if (this.#isSending) return;
    this.#isSending = true;
    this.#sending = this.#sendWanted()
      .catch((error: unknown) => {
        this.#logger.error({ err: error }, 'the sandbox gateway could not send its notices; again soon');
        this.#timer?.cancel();
        if (!this.#stopped) this.#timer = this.#clock.after(AGAIN_MS, () => this.wake());
      })
      .finally(() => {
        this.#isSending = false;
      });
  }

  /** Those on their way end; the others wait as they are for the next life. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#sending;
  }

  async #sendWanted(): Promise<void> {
    while (this.#isWanted && !this.#stopped) {
      this.#isWanted = false;
      await this.#sendDue();
    }
  }

  async #sendDue(): Promise<void> {
    const due = this.#store.due(this.#clock.now(), AT_ONCE);
    await Promise.all(due.map((notice) => this.#send(notice)));
    this.#timer?.cancel();
    const next = this.#store.nextDueMs();
    if (next === undefined || this.#stopped) return;
    this.#timer = this.#clock.after(Math.max(10, next - this.#clock.now()), () => this.wake());
  }

  async #send(notice: PendingNotice): Promise<void> {
    try {
      const response = await fetch(notice.url, {
        method: 'POST',
        ...(await this.#dialect.seal(notice.body, this.#clock.now())),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) throw new Error(`the merchant answered ${response.status}`);
      this.#store.delivered(notice.id);
    } catch (error) {
      // It may be this very stop that it failed of: such an attempt counts for nothing.
      if (this.#stopped) return;
      const attempts = notice.attempts + 1;
      if (attempts < MAX_ATTEMPTS) {
        this.#store.postpone(notice.id, attempts, this.#clock.now() + FIRST_DELAY_MS * 2 ** (attempts - 1));
        return;
      }
      this.#store.giveUp(notice, this.#clock.now(), String(error));
      this.#logger.error(
        { err: error, body: notice.body },
        'a payment notice was given up and lies with the dead letters; the merchant has to ask',
      );
    }
  }
}
