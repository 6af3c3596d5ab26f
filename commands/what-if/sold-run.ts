// How a run was sold, as its log has it: what was asked for, what came of it, and what happened in which order.
import type { Want } from '@railhead/domain/allocation/layout.ts';
import type { PassengerKind } from '@railhead/domain/fare/fare.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { BookCloseReason } from '@railhead/domain/seat-lock/events.ts';
import type { Leg } from '@railhead/domain/seat-lock/plan.ts';
import type { Composition } from '@railhead/domain/train-run/composition.ts';
import type { RunAsOpened } from '../runs/run-directory.ts';
import type { StreamsSetAside } from '../streams/understood.ts';

/** What selling rules need to know of a request. Nothing in it names a person. */
export type Asked = {
  readonly orderNo: string;
  readonly seatClass: SeatClass;
  /** Stop sequence numbers. */
  readonly from: number;
  readonly to: number;
  readonly kinds: readonly PassengerKind[];
  readonly faresFen: readonly Fen[];
  readonly wants: readonly (Want | undefined)[];
  readonly acceptStanding: boolean;
  readonly acceptSeatChange: boolean;
  /** The order whose tickets these are to replace. */
  readonly inPlaceOf?: string;
};

/**
 * What came of a request. `sold`: paid, and at least one traveller kept the seat; `held`: not paid at the end of the log;
 * `ended`: all seats are free again. `kept`: travellers, from 0, who still have their seats. `code` as in `OrderClosed`, or
 * `NOTHING_TO_CHANGE`. `open`: the log ends before a decision.
 */
export type Outcome =
  | {
      readonly kind: 'sold' | 'held' | 'ended';
      readonly seatClass: SeatClass;
      readonly legs: readonly Leg[];
      readonly faresFen: readonly Fen[];
      readonly kept: readonly number[];
    }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'open' };

/** Seats of a class are asked for: of the class of the request, or to stand after that was sold out. */
export type Ask = { readonly kind: 'ask'; readonly orderNo: string; readonly toStand: boolean };

/** What happened to seats that an order had. */
export type Later =
  | { readonly kind: 'confirm' | 'expire'; readonly orderNo: string }
  | { readonly kind: 'release'; readonly orderNo: string; readonly reason: string }
  | { readonly kind: 'giveBack'; readonly orderNo: string; readonly travellers: readonly number[] };

/** What operators and the run process did. */
export type Inventory =
  | {
      readonly kind: 'withdraw';
      readonly seatClass: SeatClass;
      readonly withdrawalNo: string;
      readonly legs: readonly Leg[];
      readonly reason: string;
      readonly coach?: string;
    }
  | { readonly kind: 'return'; readonly seatClass: SeatClass; readonly withdrawalNo: string }
  | { readonly kind: 'close'; readonly seatClass: SeatClass; readonly reason: BookCloseReason }
  | { readonly kind: 'extend'; readonly coaches: Composition };

/** `atMs`: the instant of the event, ms since the epoch. */
export type Step = { readonly atMs: number } & (Ask | Later | Inventory);

/** Tickets of an order that were to be changed to those of another one. `isDone`: they were. */
export type TicketChange = {
  readonly orderNo: string;
  readonly travellers: readonly number[];
  readonly newOrderNo: string;
  readonly isDone: boolean;
};

export type SoldRun = {
  readonly run: RunAsOpened;
  /** With the coaches that were added. */
  readonly composition: Composition;
  /** By order number, in the order of the log. */
  readonly asked: ReadonlyMap<string, Asked>;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly changes: readonly TicketChange[];
  /** In the order in which they were decided. */
  readonly steps: readonly Step[];
  /** Orders that were asked whether they would stand. */
  readonly offeredStanding: ReadonlySet<string>;
  /** When the last event of the log was written, ms since the epoch. */
  readonly endMs: number;
  readonly setAside: StreamsSetAside;
};
