// Money: an integer count of minor units with an ISO 4217 code. There are no fractions of a fen.

/** ISO 4217. */
export type Currency = 'CNY';

/** Integer minor units (fen for CNY). */
export type Fen = number;

export const sumFen = (amounts: Iterable<Fen>): Fen => {
  let total = 0;
  for (const amount of amounts) total += amount;
  return total;
};
