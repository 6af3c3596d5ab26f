// A question as ways to be found, each with its score: which keys of a station it looks at, and how. Both stores find a
// station by the best of these, so both rank alike.
import { slipsIn } from '../order-search/slips.ts';
import type { StationKeys } from './station-keys.ts';
import { hasHan, keyOf, stationWords, syllablesOf, withoutNoise } from './station-words.ts';

export type Field = keyof StationKeys;

export type Way =
  /** A key of the field is this text, begins with it, or is so many slips away. */
  | { readonly how: 'is' | 'begins'; readonly field: Field; readonly key: string; readonly score: number }
  | {
      readonly how: 'near';
      readonly field: Field;
      readonly key: string;
      readonly slips: 1 | 2;
      readonly score: number;
    }
  /** Each of the words begins a word of the station, or is as near to one as its length allows, up to `slips`. */
  | {
      readonly how: 'words';
      readonly words: readonly WrittenWord[];
      readonly score: number;
    };

export type WrittenWord = { readonly word: string; readonly slips: 0 | 1 | 2 };

/** How a text is read, best first. */
const TYPED = 600;
const TONELESS = 500;
const WITHOUT_NOISE = 400;
const SOUNDED = 200;
/** What has a lower score is only found where nothing else is. */
export const LEAST_CERTAIN = WITHOUT_NOISE;

const RANKS = [
  ['is', 'codes', 110],
  ['is', 'names', 100],
  ['is', 'aliases', 90],
  ['is', 'cities', 80],
  ['begins', 'names', 70],
  ['begins', 'parts', 60],
  ['is', 'initials', 50],
  ['begins', 'aliases', 40],
  ['begins', 'initials', 30],
  ['begins', 'aliasParts', 20],
] as const;
const ALL_WORDS = 10;

const NEAR = [
  ['names', 50],
  ['aliases', 50],
  ['parts', 40],
  ['aliasParts', 40],
] as const;
const NEAR_WORDS = 30;
/** One slip is nearer than two. */
const ONE_SLIP = 100;

/** More words are no name. */
const MAX_WORDS = 8;

/** In the order of their scores; none where the text says nothing of a station. */
export const waysOf = (text: string): readonly Way[] => {
  const words = stationWords(text)
    .slice(0, MAX_WORDS)
    .map((word) => keyOf([word]));
  const plain = withoutNoise(words);
  const [typed, said] = [keyOf(words), keyOf(plain)];
  if (said === '') return [];
  const ways = [...ranked(typed, words, TYPED)];
  // Tones as numbers: bei3 jing1.
  if (/^(?:[a-z]+[0-5])+$/.test(typed)) ways.push(...ranked(typed.replaceAll(/\d/g, ''), [], TONELESS));
  if (said !== typed) ways.push(...ranked(said, plain, WITHOUT_NOISE));
  if (hasHan(said)) ways.push(...ranked(syllablesOf(said).join(''), [], SOUNDED));
  return [...ways, ...withSlips(said, plain)].sort((one, other) => other.score - one.score);
};

const ranked = (key: string, words: readonly string[], base: number): readonly Way[] => {
  const ways: Way[] = RANKS.map(([how, field, score]) => ({ how, field, key, score: base + score }));
  if (words.length > 1)
    ways.push({ how: 'words', words: words.map((word) => ({ word, slips: 0 })), score: base + ALL_WORDS });
  return ways;
};

/** A Chinese character says more than a letter. */
const slipsOf = (key: string): 0 | 1 | 2 => {
  if (hasHan(key)) return [...key].length >= 4 ? 1 : 0;
  return slipsIn(key);
};

const withSlips = (key: string, words: readonly string[]): readonly Way[] => {
  const ways: Way[] = [];
  for (const slips of [1, 2] as const) {
    const base = slips === 1 ? ONE_SLIP : 0;
    if (slipsOf(key) >= slips)
      ways.push(...NEAR.map(([field, score]): Way => ({ how: 'near', field, key, slips, score: base + score })));
    const written = words.map((word) => ({ word, slips: least(slips, slipsOf(word)) }));
    if (written.some((word) => word.slips === slips))
      ways.push({ how: 'words', words: written, score: base + NEAR_WORDS });
  }
  return ways;
};

const least = (one: 0 | 1 | 2, other: 0 | 1 | 2): 0 | 1 | 2 => (one < other ? one : other);
