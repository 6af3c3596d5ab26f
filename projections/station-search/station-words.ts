// Names of stations as they are searched: every store gets the words that are made here, and nothing of its own, so that
// all of them answer alike.
import { pinyin } from 'pinyin-pro';
import { folded } from '../order-search/words.ts';
import { sameCharacters } from './characters.ts';

/** Longer keys are cut: no station has so long a name, and no question either. */
export const MAX_KEY = 128;

/** Words that languages write differently, and that mean one thing. */
const ONE_WORD: Readonly<Record<string, string>> = {
  hauptbahnhof: 'hbf',
  hb: 'hbf',
  saint: 'st',
  sankt: 'st',
  sint: 'st',
  centrale: 'central',
  centraal: 'central',
  centralen: 'central',
  centrala: 'central',
  centralna: 'central',
};

/** Words that say only that it is a station. */
const NOISE: ReadonlySet<string> = new Set(
  'railway rail train station stn bahnhof bhf bf gare stazione estacion estacao dworzec nadrazi zhan huochezhan am an'.split(
    ' ',
  ),
);
/** The same at the end of a Chinese name, and the city's mark within it. */
const HAN_NOISE = /市|(?:火车|高铁|车)?站$/gu;

/** The words of a name or question, in their order. Apostrophes divide nothing: Xi'an is a word. */
export const stationWords = (text: string): readonly string[] =>
  (
    sameCharacters(folded(text.replaceAll(/(?<=\p{L})['’‘ʼ`´](?=\p{L})/gu, ''))).match(
      /\p{sc=Han}+|[[\p{L}\p{N}]--\p{sc=Han}]+/gv,
    ) ?? []
  ).map((word) => ONE_WORD[word] ?? word);

/** Without what says only that it is a station; empty where nothing else is said. */
export const withoutNoise = (words: readonly string[]): readonly string[] =>
  words
    .filter((word, at) => !NOISE.has(word) && !(word === 'de' && words[at - 1] === 'gare'))
    .map((word) => word.replaceAll(HAN_NOISE, ''))
    .filter((word) => word !== '');

/** One key of several words. */
export const keyOf = (words: readonly string[]): string => {
  const key = words.join('');
  return key.length > MAX_KEY ? [...key].slice(0, MAX_KEY / 2).join('') : key;
};

export const hasHan = (text: string): boolean => /\p{sc=Han}/u.test(text);

/** The syllables of a name, ü as v; what is not Chinese stays in one piece. */
export const syllablesOf = (name: string): readonly string[] =>
  pinyin(name, { toneType: 'none', type: 'array', v: true, nonZh: 'consecutive' }).map((syllable) =>
    keyOf(stationWords(syllable)),
  );
