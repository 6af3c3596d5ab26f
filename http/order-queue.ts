// What clients can ask about an order that waits for its decision.

export type OrderQueue = {
  /** Signs the tokens of places in the queue. */
  readonly tokenSecret: string;
  /** Position in the queue of the run, from 1; 0 if the order does not wait. */
  readonly positionOf: (orderNo: string) => number;
  /** Estimated wait in seconds at this position. */
  readonly etaSeconds: (position: number) => number;
};
