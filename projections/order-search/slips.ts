// Words that differ by one or two slips of the keyboard: a letter too much, one too few, another one, or two neighbours
// exchanged. Counted over code points, as Lucene counts them.

/** How many slips are forgiven in a word: none where it is short, or a number that means something as it is. */
export const slipsIn = (word: string): 0 | 1 | 2 => {
  const { length } = [...word];
  const [one, two] = /\p{N}/u.test(word) ? [8, 12] : [5, 8];
  if (length >= two) return 2;
  return length >= one ? 1 : 0;
};

/** Is `other` at most so many slips away? */
export const isWithin = (slips: number, word: string, other: string): boolean => {
  const [a, b] = [[...word], [...other]];
  if (Math.abs(a.length - b.length) > slips) return false;
  let [before, last]: [readonly number[], readonly number[]] = [[], Array.from({ length: b.length + 1 }, (_, n) => n)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    if (Math.min(...row) > slips) return false;
    [before, last] = [last, row];
  }
  return (last[b.length] ?? 0) <= slips;
};

/** A word is kept under each of its pieces. Two slips leave one of three as it was, if they exchange no neighbours. */
const PIECES = 3;
/** No word that may be written with slips is near a shorter one. */
const SHORTEST = 4;

const startOf = (piece: number, length: number): number => Math.floor((piece * length) / PIECES);
const keyOf = (piece: number, length: number, text: string): string => `${piece}.${length}.${text}`;

/** The keys that a word is found by. */
export const piecesOf = (word: string): readonly string[] => {
  const letters = [...word];
  const { length } = letters;
  if (length < SHORTEST) return [];
  return Array.from({ length: PIECES }, (_, piece) =>
    keyOf(piece, length, letters.slice(startOf(piece, length), startOf(piece + 1, length)).join('')),
  );
};

/** Every word within so many slips has one of these keys; so may others. */
export const piecesNear = (word: string, slips: number): ReadonlySet<string> => {
  const keys = new Set<string>();
  let variants: readonly (readonly string[])[] = [[...word]];
  // An exchange may damage two pieces at once, so exchanges are made first, and other slips looked for in what is left.
  for (let left = slips; left >= 0; left -= 1) {
    for (const variant of variants) addPieces(keys, variant, left);
    variants = variants.flatMap(exchanged);
  }
  return keys;
};

const exchanged = (letters: readonly string[]): readonly (readonly string[])[] =>
  letters
    .slice(1)
    .map((letter, index) => [...letters.slice(0, index), letter, letters[index] ?? '', ...letters.slice(index + 2)]);

const addPieces = (keys: Set<string>, letters: readonly string[], slips: number): void => {
  const pieces = slips === 0 ? 1 : PIECES;
  for (let length = letters.length - slips; length <= letters.length + slips; length += 1)
    for (let piece = 0; piece < pieces; piece += 1)
      for (let shift = -slips; shift <= slips; shift += 1) {
        const [from, to] = [startOf(piece, length) + shift, startOf(piece + 1, length) + shift];
        if (from >= 0 && to <= letters.length) keys.add(keyOf(piece, length, letters.slice(from, to).join('')));
      }
};
