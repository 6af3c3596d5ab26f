// Builds the package for publication: the command line as JavaScript, in `dist/` or in the folder given.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
const folder = resolve(process.argv[2] ?? DIST);

type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

// Safe cast: it is this repository's own package.json.
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
const { name, version, description, license, engines, devDependencies } = manifest;
const pinnedNode = devDependencies.node;
if (pinnedNode === undefined) throw new Error('package.json does not pin the Node that the launcher runs');
const dependencies = { ...manifest.dependencies, node: pinnedNode };

if (folder === DIST) rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

// The writer's thread is started by a relative URL, so it is an entry of its own in the same folder.
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: { main: 'cli/main.ts', 'writer-thread': 'infra/eventstore/sqlite/writer-thread.ts' },
  outdir: folder,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: `node${pinnedNode}`,
  charset: 'utf8',
  external: Object.keys(dependencies),
  metafile: true,
  logLevel: 'warning',
});

// Packages keep their own releases and licences. A bundled one is missing in `dependencies`.
const bundled = Object.keys(metafile.inputs).filter((path) => path.includes('node_modules/'));
if (bundled.length > 0) throw new Error(`not in the dependencies of package.json: ${bundled.join(', ')}`);

copyFileSync(join(ROOT, 'cli', 'bin', 'railhead.js'), join(folder, 'railhead.js'));
for (const file of ['LICENSE', 'README.md']) copyFileSync(join(ROOT, file), join(folder, file));
const published = {
  name,
  version,
  description,
  license,
  type: 'module',
  engines,
  bin: { railhead: 'railhead.js' },
  dependencies,
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`);
process.stdout.write(`${name} ${version} is in ${folder}\n`);
