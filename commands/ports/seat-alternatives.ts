// What else can be offered where a class is sold out, by the stock on display.
import type { Fen } from '@railhead/domain/kernel/money.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';

export type Alternative = {
  readonly kind: 'otherClass';
  readonly train: string;
  readonly date: string;
  readonly seatClass: SeatClass;
  readonly available: number;
  readonly fareFen: Fen;
};

export interface SeatAlternatives {
  /** `from` and `to` are stop sequence numbers. Best effort: the stock changes meanwhile. */
  find(wanted: {
    readonly train: string;
    readonly date: string;
    readonly from: number;
    readonly to: number;
    readonly seatClass: SeatClass;
    readonly party: number;
  }): Promise<readonly Alternative[]>;
}
