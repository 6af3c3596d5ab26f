// Texts as they are searched. Every store gets the words that are made here, and nothing of its own, so that all of them
// answer alike: Chinese is split into characters, everything else at what is neither letter nor digit.

const MAX_WORD = 64;
/** Stands between two values, so that no phrase reaches from one into the next. No question has it: it is no letter. */
export const GAP = '\u{E000}';

/** Small letters without accents, and wide or raised characters as plain ones. */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .normalize('NFC')
    .replaceAll(/\s+/gu, ' ')
    .trim();

export const isHan = (word: string): boolean => /^\p{sc=Han}/u.test(word);

/** The words of a folded text, in their order. */
export const wordsOf = (text: string): readonly string[] =>
  (text.match(/\p{sc=Han}|[[\p{L}\p{N}]--\p{sc=Han}]+/gv) ?? []).map((word) =>
    word.length > MAX_WORD ? [...word].slice(0, MAX_WORD / 2).join('') : word,
  );

/** The words of several folded texts as one text. */
export const spaced = (texts: readonly string[]): string =>
  texts.map((text) => wordsOf(text).join(' ')).join(` ${GAP} `);
