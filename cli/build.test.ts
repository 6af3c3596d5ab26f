import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { VERSION } from '@railhead/infra/composition/version.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const folder = join(tempFolder(), 'railhead');

const run = (script: string, ...args: readonly string[]): string =>
  execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' });

test('the built package runs on its own, with its writer on a thread', () => {
  run(join(ROOT, 'cli', 'build.ts'), folder);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({ name: 'railhead', version: VERSION, type: 'module' });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const launcher = join(folder, manifest.bin.railhead);
  expect(run(launcher, '--version')).toBe(`${VERSION}\n`);
  const data = join(folder, 'data');
  mkdirSync(data);
  const report = JSON.parse(run(launcher, 'import', 'sample', '--data', data, '--json'));
  expect(report).toMatchObject({ source: 'sample', unchanged: 0, skipped: 0 });
});
