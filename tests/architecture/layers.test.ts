// The linter refuses an import that points outwards.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { lintedTree } from './linted-tree.ts';

const FORBIDDEN = [
  ['domain/order', "from 'node:fs'"],
  ['domain/order', "from 'zod'"],
  ['domain/order', "from '@railhead/commands/ports/clock.ts'"],
  ['domain/order', "from '../../infra/sql/read-database.ts'"],
  ['commands/orders', "from '@railhead/infra/sql/read-database.ts'"],
  ['commands/orders', "from '@railhead/projections/engine/projection.ts'"],
  ['http', "from '@railhead/read-api/read-models.ts'"],
  ['projections/orders', "from '@railhead/http/app.ts'"],
  ['write-api', "from '@railhead/read-api/read-models.ts'"],
  ['read-api', "from '../infra/sql/read-database.ts'"],
  ['infra/sql', "from '@railhead/write-api/orders/routes.ts'"],
] as const;

const ALLOWED = [
  ['domain/order', "from '../kernel/money.ts'"],
  ['commands/orders', "from '@railhead/domain/order/decide.ts'"],
  ['read-api', "from '@railhead/projections/orders/orders-queries.ts'"],
  ['infra/composition', "from '@railhead/write-api/orders/routes.ts'"],
] as const;

const tree = lintedTree();
let accused = '';

const plant = (name: string, [where, source]: readonly [string, string]): void =>
  tree.plant(`${where}/${name}.ts`, `import { x } ${source};\n\nexport const y = x;\n`);

beforeAll(() => {
  for (const [index, planted] of FORBIDDEN.entries()) plant(`forbidden${index}`, planted);
  for (const [index, planted] of ALLOWED.entries()) plant(`allowed${index}`, planted);
  accused = tree.lint();
});

describe('the folder rule', () => {
  test.each(FORBIDDEN.map((planted, index) => [...planted, index] as const))(
    '%s must not import %s',
    (where, _, index) => {
      expect(accused).toMatch(new RegExp(`${where}/forbidden${index}\\.ts:\\d+:\\d+ lint/style/noRestrictedImports`));
    },
  );

  test.each(ALLOWED.map((planted, index) => [...planted, index] as const))('%s may import %s', (where, _, index) => {
    expect(accused).not.toContain(`${where}/allowed${index}.ts`);
  });
});
