// What clients are told of an order that waits for its decision.

export type OrderQueue = {
  /** Signs the tokens under which an order's place may be asked for. */
  readonly tokenSecret: string;
  /** Place in the run's queue, from 1; 0 when the order is not waiting. */
  readonly positionOf: (orderNo: string) => number;
  /** Estimated wait in seconds of an order at this place. */
  readonly etaSeconds: (position: number) => number;
};
