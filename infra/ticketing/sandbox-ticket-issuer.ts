// Another system that issues tickets, for trying out what happens when it is slow, gives no answer or refuses. Which of
// them follows from the number of a ticket, so that a case can be seen again.

import { hash } from 'node:crypto';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { IssuerError, type TicketIssuer, type TicketWanted } from '@railhead/commands/ports/ticket-issuer.ts';
import { LRUCache } from 'lru-cache';

const LATENCY_MS = 20;
const SLOW_MS = 2_000;

/** Tickets remembered; it is a sandbox. */
const MAX_REMEMBERED = 100_000;

/** Of a hundred orders. */
const SLOW = 5;
const SILENT_ONCE = 5;
const SILENT_ONCE_THOUGH_DONE = 5;
const REFUSED = 1;

export class SandboxTicketIssuer implements TicketIssuer {
  readonly #clock: Clock;
  readonly #tickets = new LRUCache<string, 'valid' | 'void'>({ max: MAX_REMEMBERED });
  readonly #wasSilent = new LRUCache<string, true>({ max: MAX_REMEMBERED });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async issue(tickets: readonly TicketWanted[]): Promise<'issued' | 'refused'> {
    const [first] = tickets;
    if (first === undefined) return 'issued';
    const { ticketNo } = first;
    const luck = Number.parseInt(hash('sha256', ticketNo, 'hex').slice(0, 8), 16) % 100;
    const slowFrom = REFUSED;
    const silentFrom = slowFrom + SLOW;
    const unheardFrom = silentFrom + SILENT_ONCE;
    await this.#pause(luck >= slowFrom && luck < silentFrom ? SLOW_MS : LATENCY_MS);
    if (luck < REFUSED || tickets.some((one) => this.#tickets.get(one.ticketNo) === 'void')) return 'refused';
    const isFirstTime = !this.#wasSilent.has(ticketNo);
    this.#wasSilent.set(ticketNo, true);
    if (luck >= silentFrom && luck < unheardFrom && isFirstTime) throw new IssuerError(`no answer for ${ticketNo}`);
    for (const one of tickets) this.#tickets.set(one.ticketNo, 'valid');
    if (luck >= unheardFrom && luck < unheardFrom + SILENT_ONCE_THOUGH_DONE && isFirstTime)
      throw new IssuerError(`no answer for ${ticketNo}`);
    return 'issued';
  }

  async void(ticketNos: readonly string[]): Promise<void> {
    await this.#pause(LATENCY_MS);
    for (const ticketNo of ticketNos) this.#tickets.set(ticketNo, 'void');
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }
}
