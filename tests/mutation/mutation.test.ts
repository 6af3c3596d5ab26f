// What `make mutation` counts: the sample is the seed's, the lines are the diff's, the score leaves out what was not tried.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { changedRanges } from './changed-ranges.ts';
import { filesInOrder } from './order.ts';
import { scoresOf } from './report.ts';
import { chosen } from './sample.ts';
import { bySelection } from './selection.ts';

const candidate = fc.record({
  fileName: fc.constantFrom('a.ts', 'b.ts'),
  location: fc.record({ start: fc.record({ line: fc.nat(50), column: fc.nat(80) }) }),
  mutatorName: fc.constantFrom('BlockStatement', 'EqualityOperator'),
  replacement: fc.option(fc.string(), { nil: undefined }),
});

test('a sample is of the size asked for, in whatever order the candidates come', () => {
  fc.assert(
    fc.property(fc.uniqueArray(candidate, { selector: (one) => JSON.stringify(one) }), fc.nat(20), (all, size) => {
      const sample = chosen(all, { size, seed: '1' });
      expect(sample).toHaveLength(Math.min(size, all.length));
      expect(chosen([...all].reverse(), { size, seed: '1' })).toEqual(sample);
    }),
  );
});

test('another seed draws others', () => {
  const all = Array.from({ length: 100 }, (_, line) => ({
    fileName: 'a.ts',
    location: { start: { line, column: 0 } },
    mutatorName: 'BlockStatement',
  }));
  expect(chosen(all, { size: 10, seed: '1' })).not.toEqual(chosen(all, { size: 10, seed: '2' }));
});

test('of a diff, the lines that production code has afterwards', () => {
  const diff = [
    'diff --git a/commands/a.ts b/commands/a.ts',
    '--- a/commands/a.ts',
    '+++ b/commands/a.ts',
    '@@ -3 +3,2 @@ const x = 1;',
    '@@ -10,2 +11,0 @@ gone',
    '@@ -20 +20 @@',
    '--- a/commands/a.test.ts',
    '+++ b/commands/a.test.ts',
    '@@ -1 +1 @@',
    '--- a/commands/old.ts',
    '+++ /dev/null',
    '@@ -1,9 +0,0 @@',
    '--- a/commands/data.json',
    '+++ b/commands/data.json',
    '@@ -1 +1 @@',
  ].join('\n');
  expect(changedRanges(diff)).toEqual(['commands/a.ts:3-4', 'commands/a.ts:20-20']);
});

test('a score counts what was tried, and names what nothing noticed', () => {
  const mutant = (status: 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'CompileError' | 'Ignored') => ({
    status,
    mutatorName: 'EqualityOperator',
    replacement: 'a  <\n b',
    location: { start: { line: 7, column: 1 } },
  });
  const files = {
    'http/app.ts': { mutants: [mutant('Killed'), mutant('Survived'), mutant('CompileError'), mutant('Ignored')] },
    'http/route.ts': { mutants: [mutant('Timeout'), mutant('NoCoverage')] },
  };
  const survivor = { line: 7, change: 'EqualityOperator: a < b' };
  expect(scoresOf({ files })).toEqual([
    {
      name: 'http',
      mutants: 5,
      tried: 4,
      noticed: 2,
      survivors: [
        { ...survivor, file: 'http/app.ts', status: 'Survived' },
        { ...survivor, file: 'http/route.ts', status: 'NoCoverage' },
      ],
    },
  ]);
});

describe('the test files that a mutant is tried on', () => {
  const file = (name: string, ms: number, mutants: readonly string[] = ['7']) => ({ file: name, ms, mutants });

  test('are those that reach it, the nearest first, the quicker of two that are equally near', () => {
    const reached = [
      file('/r/tests/http/reads.test.ts', 1),
      file('/r/commands/audit/slow.test.ts', 9),
      file('/r/commands/orders/others.test.ts', 1, ['6', '77']),
      file('/r/commands/audit/quick.test.ts', 2),
      file('/r/commands/orders/masking.test.ts', 50),
    ];
    expect(filesInOrder(reached, '7', '/r/commands/orders/masking.ts')).toEqual([
      '/r/commands/orders/masking.test.ts',
      '/r/commands/audit/quick.test.ts',
      '/r/commands/audit/slow.test.ts',
      '/r/tests/http/reads.test.ts',
    ]);
  });

  test('are those of the event stores where an event store is changed, and no others', () => {
    expect(bySelection([])).toEqual([]);
    expect(bySelection(['infra/eventstore/sqlite/**/*.ts', 'http/app.ts:3-4'])).toEqual([
      { tests: 'others', mutate: ['http/app.ts:3-4', '!infra/eventstore/**'] },
      { tests: 'stores', mutate: ['infra/eventstore/sqlite/**/*.ts'] },
    ]);
    expect(bySelection(['infra/**/*.ts'])).toEqual([
      { tests: 'others', mutate: ['infra/**/*.ts', '!infra/eventstore/**'] },
      { tests: 'stores', mutate: ['infra/eventstore/**/*.ts'] },
    ]);
  });
});
