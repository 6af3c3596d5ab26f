// How many seats each user has asked for and not paid: of orders that wait for their seats or their payment. The order
// process tells what the log says; a request counts from before it is written, so requests at the same time count each other.
import type { OrderRequest } from '@railhead/domain/order/events.ts';
import type { OrderStatus } from '@railhead/domain/order/fold.ts';

type Counted = { readonly userId: string; readonly seats: number; readonly inLog: boolean };

export type UnpaidLimit = { readonly counted: UnpaidSeats; readonly limitOf: (userId: string) => number };

export class UnpaidSeats {
  readonly #orders = new Map<string, Counted>();
  readonly #users = new Map<string, number>();

  of(userId: string): number {
    return this.#users.get(userId) ?? 0;
  }

  /** The order as the log has it now; undefined where it has ended. */
  see(orderNo: string, order: { readonly status: OrderStatus; readonly request?: OrderRequest } | undefined): void {
    const isUnpaid = order?.status === 'QUEUED' || order?.status === 'WAIT_PAY';
    const request = isUnpaid ? order.request : undefined;
    if (request === undefined) this.#remove(orderNo);
    else this.#put(orderNo, { userId: request.userId, seats: request.passengers.length, inLog: true });
  }

  /**
   * Counts an order that is about to be written; false where the user would have more than `limit` seats. An order that is
   * counted already is a repeat, and nothing is added.
   */
  reserve(orderNo: string, userId: string, seats: number, limit: number): boolean {
    if (this.#orders.has(orderNo)) return true;
    if (this.of(userId) + seats > limit) return false;
    this.#put(orderNo, { userId, seats, inLog: false });
    return true;
  }

  /** The order was not written by whoever reserved it. What the log says of it stands. */
  giveBack(orderNo: string): void {
    if (this.#orders.get(orderNo)?.inLog === false) this.#remove(orderNo);
  }

  #put(orderNo: string, counted: Counted): void {
    this.#remove(orderNo);
    this.#orders.set(orderNo, counted);
    this.#users.set(counted.userId, this.of(counted.userId) + counted.seats);
  }

  #remove(orderNo: string): void {
    const counted = this.#orders.get(orderNo);
    if (counted === undefined) return;
    this.#orders.delete(orderNo);
    const left = this.of(counted.userId) - counted.seats;
    if (left === 0) this.#users.delete(counted.userId);
    else this.#users.set(counted.userId, left);
  }
}
