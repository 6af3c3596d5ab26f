import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { linesOf } from '../lines.ts';
import { csvCells, csvRecords } from './csv-records.ts';

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

describe('a CSV record', () => {
  test('is read as any other parser reads it', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '京', '"', ',', ' ') });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1 }), (cells) => {
        const text = cells.map((value) => (/[",]/.test(value) || value.length % 2 ? quoted(value) : value)).join(',');
        fc.pre(text !== '');
        expect(csvCells(text)).toEqual(cells);
        expect([csvCells(text)]).toEqual(parse(text));
      }),
    );
  });

  test.each(['"a', 'a"b', '"a"b', '"a""', 'a,"b" ,c'])('is none where quotes do not pair: %s', (text) => {
    expect(csvCells(text)).toBeUndefined();
  });

  test('with an open quote spoils no other record', async () => {
    async function* bytes(): AsyncGenerator<Buffer> {
      yield Buffer.from(`a,"b\n${'c,d\n'.repeat(20)}`);
      yield Buffer.from('\n"e\nf",g\n"h');
    }
    const records = [];
    for await (const record of csvRecords(linesOf(bytes(), 1000))) records.push(record);
    expect(records).toHaveLength(23);
    expect(records[0]).toEqual({ line: 1, cells: undefined });
    expect(records[20]).toEqual({ line: 21, cells: ['c', 'd'] });
    expect(records[21]).toEqual({ line: 23, cells: ['e\nf', 'g'] });
    expect(records[22]).toEqual({ line: 25, cells: undefined });
  });
});
