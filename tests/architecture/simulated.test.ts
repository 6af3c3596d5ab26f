// Code that runs in the simulation may not read the real clock: the linter refuses it in those folders.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { lintedTree } from './linted-tree.ts';

const FOLDERS = ['domain/order', 'commands/orders', 'projections/orders'] as const;

const FORBIDDEN = [
  'Date.now()',
  'new Date()',
  'Math.random()',
  'performance.now()',
  'setTimeout(() => {}, 1)',
  'setInterval(() => {}, 1)',
  'setImmediate(() => {})',
  'crypto.randomUUID()',
  "fetch('http://localhost')",
] as const;

const FORBIDDEN_IMPORTS = [
  "{ timer } from 'rxjs'",
  "{ bufferTime } from 'rxjs'",
  "{ randomUUID } from 'node:crypto'",
  "{ setTimeout } from 'node:timers/promises'",
  "{ readFileSync } from 'node:fs'",
] as const;

const ALLOWED = ["Date.parse('2026-12-01')", 'new Date(3)', 'Math.floor(3)'] as const;

const tree = lintedTree();
let accused = '';

beforeAll(() => {
  for (const folder of FOLDERS) {
    for (const [index, source] of FORBIDDEN.entries())
      tree.plant(`${folder}/forbidden${index}.ts`, `export const x = (): unknown => ${source};\n`);
    for (const [index, source] of FORBIDDEN_IMPORTS.entries())
      tree.plant(
        `${folder}/import${index}.ts`,
        `import ${source};\n\nexport const y = ${source.split(' ')[1] ?? ''};\n`,
      );
    for (const [index, source] of ALLOWED.entries())
      tree.plant(`${folder}/allowed${index}.ts`, `export const x = (): unknown => ${source};\n`);
  }
  for (const [index, source] of FORBIDDEN.entries())
    tree.plant(`infra/system/allowed${index}.ts`, `export const x = (): unknown => ${source};\n`);
  accused = tree.lint();
});

describe.each(FOLDERS)('%s', (folder) => {
  test.each(FORBIDDEN.map((source, index) => [source, index] as const))('must not call %s', (_, index) => {
    expect(accused).toContain(`${folder}/forbidden${index}.ts:1:`);
  });

  test.each(FORBIDDEN_IMPORTS.map((source, index) => [source, index] as const))('must not import %s', (_, index) => {
    expect(accused).toContain(`${folder}/import${index}.ts:1:`);
  });

  test.each(ALLOWED.map((source, index) => [source, index] as const))('may call %s', (_, index) => {
    expect(accused).not.toContain(`${folder}/allowed${index}.ts`);
  });
});

test('adapters may use them', () => {
  expect(accused).not.toContain('infra/system/allowed');
});
