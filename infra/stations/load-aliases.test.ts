import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { keysBy } from '@railhead/projections/station-search/station-keys.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { loadStationAliases } from './load-aliases.ts';

const folder = tempFolder();
let files = 0;
const fileOf = (text: string): string => {
  files += 1;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${files}.json`);
  writeFileSync(path, text);
  return path;
};
const aliasesOf = (path: string, name: string): readonly string[] =>
  keysBy(loadStationAliases(path))({ code: 'X', name, city: name, pinyin: '' }).aliases;

describe('other names of places', () => {
  test('come with Railhead, or from a file in their place', () => {
    expect(aliasesOf('', 'München Hbf')).toContain('munichhbf');
    const path = fileOf('\uFEFF{"München": ["Minga"], "北京": ["Peking"]}');
    expect(aliasesOf(path, 'München Hbf')).toContain('mingahbf');
    expect(aliasesOf(path, 'München Hbf')).not.toContain('munichhbf');
    expect(aliasesOf(path, '北京南')).toEqual(expect.arrayContaining(['pekingnan', 'pekingsouth', 'beijingsouth']));
  });

  test('stand for the beginning of a name up to the end of a word', () => {
    expect(aliasesOf('', 'Münchendorf')).toEqual([]);
    expect(aliasesOf('', 'Romanshorn')).toEqual([]);
  });

  test.each([
    ['nothing', '', 'not readable JSON'],
    ['a list', '[]', 'no list of names'],
    ['a name that is none', '{"Wien": [1]}', 'no list of names'],
    ['no names', '{"Wien": []}', 'no list of names'],
    ['an empty name', '{"Wien": [" "]}', 'no list of names'],
    ['a name too long', `{"Wien": ["${'x'.repeat(129)}"]}`, 'no list of names'],
  ])('in a file with %s are refused', (_, text, why) => {
    expect(() => loadStationAliases(fileOf(text))).toThrow(why);
  });

  test('in a file that is not there are refused', () => {
    expect(() => loadStationAliases(join(folder, 'none.json'))).toThrow('is not there');
  });
});
