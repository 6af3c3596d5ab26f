// The embedded index of stations, by what people type.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { MemoryStationIndex } from '@railhead/projections/station-search/memory-station-index.ts';
import fc from 'fast-check';
import { askAll, SEARCHED } from './ask-all.ts';

let index: MemoryStationIndex;
beforeAll(async () => {
  index = await MemoryStationIndex.of(SEARCHED);
});

describe('in memory', () => {
  askAll('embedded', () => index);

  test('whatever is typed, something or nothing is found, and never everything', async () => {
    const typed = fc.oneof(
      fc.string({ maxLength: 64, unit: 'grapheme' }),
      fc.string({ maxLength: 64, unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(typed, async (text) => {
        expect((await index.search(text, 1_000)).length).toBeLessThan(SEARCHED.length);
      }),
    );
  });

  test('of equals the one with most calls comes first, then the lower code, as soon as calls have changed', async () => {
    const cities = async () => (await index.search('taizhou', 2)).map(({ code }) => code);
    expect(await cities()).toEqual(['TEH', 'UTH']);
    index.rank(new Map([['UTH', 1]]));
    expect(await cities()).toEqual(['UTH', 'TEH']);
    index.rank(new Map());
    expect(await cities()).toEqual(['TEH', 'UTH']);
    index.rank(new Map(SEARCHED.map(({ facts, calls }) => [facts.code, calls])));
  });
});
