// The folder rule bites: an import that points outwards is refused by the linter.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

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
  ['infra/sql', "from '@railhead/write-api/orders-routes.ts'"],
] as const;

const ALLOWED = [
  ['domain/order', "from '../kernel/money.ts'"],
  ['commands/orders', "from '@railhead/domain/order/decide.ts'"],
  ['read-api', "from '@railhead/projections/orders/orders-queries.ts'"],
  ['infra/composition', "from '@railhead/write-api/orders-routes.ts'"],
] as const;

/** A tree with the rule and one file per case; the linter reads them all at once. */
const folder = tempFolder();
let accused = '';

const plant = (name: string, [where, source]: readonly [string, string]): void => {
  const path = join(folder, where, `${name}.ts`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `import { x } ${source};\n\nexport const y = x;\n`);
};

beforeAll(() => {
  const { $schema: _, vcs: __, ...rule } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(rule));
  for (const [index, planted] of FORBIDDEN.entries()) plant(`forbidden${index}`, planted);
  for (const [index, planted] of ALLOWED.entries()) plant(`allowed${index}`, planted);
  const biome = join(ROOT, 'node_modules', '.bin', 'biome');
  const run = spawnSync(biome, ['lint', '--max-diagnostics=200', '.'], { cwd: folder, encoding: 'utf8' });
  accused = run.stdout + run.stderr;
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
