// A tree of planted files under the repository's own lint rules; the linter reads them all at once.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Rules that biome.json names by their path. */
const PLUGINS = ['tests/architecture/no-real-time.grit'];

export type LintedTree = {
  plant(path: string, source: string): void;
  /** The output of the linter. */
  lint(): string;
};

export const lintedTree = (): LintedTree => {
  const folder = tempFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const { $schema: _, vcs: __, ...rule } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
  write('biome.json', JSON.stringify(rule));
  for (const plugin of PLUGINS) {
    mkdirSync(dirname(join(folder, plugin)), { recursive: true });
    copyFileSync(join(ROOT, plugin), join(folder, plugin));
  }
  return {
    plant: write,
    lint: () => {
      const biome = join(ROOT, 'node_modules', '.bin', 'biome');
      const run = spawnSync(biome, ['lint', '--max-diagnostics=1000', '.'], { cwd: folder, encoding: 'utf8' });
      return run.stdout + run.stderr;
    },
  };
};
