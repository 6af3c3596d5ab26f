// The linter refuses files that import each other, directly or through others, also if only types are imported.
import { expect, test } from '@jest/globals';
import { lintedTree } from './linted-tree.ts';

/** Each file and the one it imports. */
const CIRCLES = {
  'two files': { 'http/a.ts': './b.ts', 'http/b.ts': './a.ts' },
  'three files': { 'domain/d.ts': './e.ts', 'domain/e.ts': './f.ts', 'domain/f.ts': './d.ts' },
  'two folders': { 'read-api/g.ts': '../http/h.ts', 'http/h.ts': '../read-api/g.ts' },
};
const CHAIN = { 'infra/x.ts': './y.ts', 'infra/y.ts': './z.ts' };

const tree = lintedTree();

test('an import circle is refused at each of its files, and a chain is not', () => {
  for (const [path, imported] of Object.entries(Object.assign({}, CHAIN, ...Object.values(CIRCLES))))
    tree.plant(path, `import type { T } from '${imported}';\n\nexport type U = T;\n`);
  tree.plant('infra/z.ts', 'export type T = 1;\n');
  const accused = tree.lint();
  for (const path of Object.values(CIRCLES).flatMap((circle) => Object.keys(circle)))
    expect(accused).toMatch(new RegExp(`${path}:\\d+:\\d+ lint/suspicious/noImportCycles`));
  expect(accused).not.toMatch(/infra\/[xyz]\.ts:\d+:\d+ lint/);
});
