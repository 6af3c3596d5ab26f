// Fetches Elasticsearch from Maven Central by mvn, once; says so and fails where it cannot be had.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DOWNLOADS } from './downloads.ts';
import { ELASTICSEARCH_HOME, ELASTICSEARCH_VERSION } from './elasticsearch.ts';

const ARTIFACT = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${ELASTICSEARCH_VERSION}:zip`;
const UNPACK = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack';
const LIMIT_MS = 600_000;

if (existsSync(ELASTICSEARCH_HOME)) {
  process.stdout.write(`${ELASTICSEARCH_HOME}\n`);
} else {
  mkdirSync(DOWNLOADS, { recursive: true });
  // What is not whole never has the name that is looked for.
  const folder = mkdtempSync(join(DOWNLOADS, 'fetching-'));
  try {
    const where = [`-DoutputDirectory=${folder}`, `-DmarkersDirectory=${join(folder, 'markers')}`];
    execFileSync('mvn', ['-q', '-B', UNPACK, `-Dartifact=${ARTIFACT}`, ...where], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: LIMIT_MS,
    });
    renameSync(join(folder, basename(ELASTICSEARCH_HOME)), ELASTICSEARCH_HOME);
    process.stdout.write(`${ELASTICSEARCH_HOME}\n`);
  } catch (error) {
    process.stderr.write(`Elasticsearch cannot be fetched from Maven Central: ${String(error)}\n`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
