/** Randomness as an argument; `next` is uniform in [0, 1). */
export interface Random {
  next(): number;
}
