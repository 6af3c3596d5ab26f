// Another system that issues tickets. It knows each by its number, and never issues one that was made void.
import { IssuerError, type TicketIssuer } from '@railhead/commands/ports/ticket-issuer.ts';
import type { Dice } from '../kernel/dice.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Network, Weather } from './network.ts';

export class SimIssuer {
  readonly tickets = new Map<string, 'valid' | 'void'>();
  readonly #dice: Dice;
  readonly #weather: Weather;
  readonly #trace: Trace;

  constructor(dice: Dice, weather: Weather, trace: Trace) {
    this.#dice = dice;
    this.#weather = weather;
    this.#trace = trace;
  }

  issue(ticketNos: readonly string[]): 'issued' | 'refused' {
    const [first = ''] = ticketNos;
    const isKnown = ticketNos.every((ticketNo) => this.tickets.get(ticketNo) === 'valid');
    const isRefused = !isKnown && this.#dice.fork(first).chance(this.#weather.faults.issuerRefuses);
    if (isRefused || ticketNos.some((ticketNo) => this.tickets.get(ticketNo) === 'void')) {
      this.#trace.incident('issuer', `issuerRefuses: ${first}`);
      return 'refused';
    }
    for (const ticketNo of ticketNos) this.tickets.set(ticketNo, 'valid');
    this.#trace.step('issuer', `issue ${ticketNos.join()}`);
    return 'issued';
  }

  void(ticketNos: readonly string[]): void {
    for (const ticketNo of ticketNos) this.tickets.set(ticketNo, 'void');
    this.#trace.step('issuer', `void ${ticketNos.join()}`);
  }
}

/** The issuer as one process sees it, over its network. */
export const issuerClient = (issuer: SimIssuer, network: Network): TicketIssuer => {
  const call = <Value>(what: string, work: () => Value): Promise<Value> =>
    new Promise((resolve, reject) => {
      const silent = (): void => reject(new IssuerError(`simulated: no answer to ${what}`));
      if (network.strikes('issuerFails', what)) return network.answer(network.timeout(), silent);
      network.scheduler.after(network.latency() * 5, () => {
        const value = work();
        if (network.strikes('issuerUnknown', what)) network.answer(network.timeout(), silent);
        else network.answer(network.latency(), () => resolve(value));
      });
    });
  return {
    issue: (tickets) => {
      const ticketNos = tickets.map(({ ticketNo }) => ticketNo);
      return call(`issue ${ticketNos[0]}`, () => issuer.issue(ticketNos));
    },
    void: (ticketNos) => call(`void ${ticketNos[0]}`, () => issuer.void(ticketNos)),
  };
};
