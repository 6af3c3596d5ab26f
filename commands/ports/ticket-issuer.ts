// The port to whoever issues tickets. A railway that numbers its tickets itself has none.
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';

/** A ticket as it is asked for: by its number, which no other ticket ever has. */
export type TicketWanted = {
  readonly ticketNo: string;
  readonly train: string;
  readonly date: string;
  /** Station codes. */
  readonly from: string;
  readonly to: string;
  readonly seatClass: SeatClass;
  readonly coach?: string;
  readonly seat?: string;
};

/** The issuer gave no answer; what it was asked may have been done. */
export class IssuerError extends Error {}

/** Every call may be repeated: the issuer knows a ticket by its number. Both throw `IssuerError`. */
export interface TicketIssuer {
  /** All of them or none. `refused`: they will not be issued, however often it is asked. */
  issue(tickets: readonly TicketWanted[]): Promise<'issued' | 'refused'>;
  /** From then on the tickets are worth nothing, whether they were issued or not, and cannot be issued any more. */
  void(ticketNos: readonly string[]): Promise<void>;
}
