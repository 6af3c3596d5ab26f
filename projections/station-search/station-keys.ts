// What a station is found by: keys, computed once and stored with it.
import { writtenOut } from './characters.ts';
import type { StationAliases } from './station-aliases.ts';
import { hasHan, keyOf, stationWords, syllablesOf, withoutNoise } from './station-words.ts';

export type StationFacts = {
  readonly code: string;
  readonly name: string;
  readonly city: string;
  /** As the timetable gives it; empty: it gives none. */
  readonly pinyin: string;
};

/** Each is a list of keys without repeats. */
export type StationKeys = {
  readonly codes: readonly string[];
  /** The name as it is written. */
  readonly names: readonly string[];
  /** Ends of the name that begin with a word, or with any Chinese character. */
  readonly parts: readonly string[];
  readonly initials: readonly string[];
  /** Other names: by sound, in English, and those of the railway's list. */
  readonly aliases: readonly string[];
  readonly aliasParts: readonly string[];
  /** The city, in all of these ways. */
  readonly cities: readonly string[];
  /** Single words, and whatever a word may begin with. */
  readonly words: readonly string[];
};

const ENGLISH: Readonly<Record<string, string>> = {
  东: 'east',
  南: 'south',
  西: 'west',
  北: 'north',
  机场: 'airport',
};

export type KeysOf = (facts: StationFacts) => StationKeys;

/** Names are long for whoever computes keys of thousands of them: aliases are made ready once. */
export const keysBy = (aliases: StationAliases): KeysOf => {
  const known = new Map(
    Object.entries(aliases).map(([name, others]) => [keyOf(stationWords(name)), others.map(stationWords)]),
  );
  const otherNames = (name: string): readonly (readonly string[])[] => beginningsIn(name, known);
  return (facts) => keysOf(facts, otherNames);
};

const keysOf = (
  { code, name, city, pinyin }: StationFacts,
  otherNames: (name: string) => readonly (readonly string[])[],
): StationKeys => {
  const words = stationWords(name);
  const names = spellings(name);
  const sounds = soundsOf(name, pinyin);
  const others = [...otherNames(name), ...englishOf(name, city), ...mainStations(words)];
  const aliasWords = [...others, ...others.map(withoutNoise)].filter((alias) => alias.length > 0);
  const parts = unique(names.flatMap(endsOf));
  const aliasParts = unique([...sounds, ...aliasWords].flatMap(endsOf));
  return {
    codes: [code.toLowerCase()],
    names: unique(names.map(keyOf)),
    parts,
    initials: hasHan(name) ? unique([sounds[0]?.map((syllable) => syllable.charAt(0)).join('') ?? '']) : [],
    aliases: unique([...sounds, ...aliasWords].map(keyOf)),
    aliasParts,
    cities: unique([...spellings(city), ...soundsOf(city, ''), ...otherNames(city)].map(keyOf)),
    words: unique([...[...names, ...aliasWords].flat(), ...parts, ...aliasParts]),
  };
};

const unique = (keys: readonly string[]): readonly string[] => [...new Set(keys)].filter((key) => key !== '');

/** A name in the ways it is written: without accents, with ä as ae, and without what says only that it is a station. */
const spellings = (name: string): readonly (readonly string[])[] => {
  const written = [stationWords(name), stationWords(writtenOut(name))];
  return [...written, ...written.map(withoutNoise)].filter((words) => words.length > 0);
};

/** The name by its sound, with ü as v, u and yu; nothing where it is not Chinese. */
const soundsOf = (name: string, given: string): readonly (readonly string[])[] => {
  if (!hasHan(name)) return [];
  const syllables = syllablesOf(name);
  const told = stationWords(given);
  const all = told.length === 0 || keyOf(told) === keyOf(syllables) ? [syllables] : [syllables, told];
  return all.flatMap((sounds) =>
    ['v', 'u', 'yu'].map((ü) => sounds.map((syllable) => syllable.replace(/^([nl])v/u, `$1${ü}`))),
  );
};

/** 北京南: Beijing South. 上海虹桥: Shanghai Hongqiao, in two words. */
const englishOf = (name: string, city: string): readonly (readonly string[])[] => {
  if (!hasHan(name)) return [];
  const [, stem = '', mark = ''] = /^(.+?)(机场|[东南西北])?$/u.exec(name) ?? [];
  const place = (text: string): readonly string[] => {
    const isWithin = city !== text && city !== '' && text.startsWith(city);
    return (isWithin ? [city, text.slice(city.length)] : [text]).map((part) => keyOf(syllablesOf(part)));
  };
  const english = ENGLISH[mark];
  return english === undefined ? [place(name)] : [place(name), [...place(stem), english]];
};

const mainStations = (words: readonly string[]): readonly (readonly string[])[] =>
  words.includes('hbf') ? ['central', 'main'].map((main) => words.map((word) => (word === 'hbf' ? main : word))) : [];

/** Other names by the longest beginning of the name that has some, with what follows it. */
const beginningsIn = (
  name: string,
  known: ReadonlyMap<string, readonly (readonly string[])[]>,
): readonly (readonly string[])[] => {
  const words = stationWords(name);
  const found: (readonly string[])[] = [];
  for (let count = words.length; count > 0; count -= 1) {
    const others = known.get(keyOf(words.slice(0, count)));
    for (const other of others ?? []) found.push([...other, ...words.slice(count)]);
  }
  const [first = ''] = words;
  if (!hasHan(first)) return found;
  const characters = [...first];
  for (let count = characters.length - 1; count > 1; count -= 1) {
    const rest = characters.slice(count).join('');
    for (const other of known.get(characters.slice(0, count).join('')) ?? []) {
      found.push([...other, keyOf(syllablesOf(rest))]);
      const english = ENGLISH[rest];
      if (english !== undefined) found.push([...other, english]);
    }
  }
  return found;
};

/** Everything from the second word on, or from the second character. */
const endsOf = (words: readonly string[]): readonly string[] => {
  const pieces = words.flatMap((word) => (hasHan(word) ? [...word] : [word]));
  return pieces.slice(1).map((_, at) => keyOf(pieces.slice(at + 1)));
};
